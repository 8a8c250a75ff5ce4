/**
 * Makes a function from offsets in the text's UTF-8 form, which is what PostgreSQL's parser
 * counts, to UTF-16 offsets, which is what JavaScript's strings count.
 */
export function byteOffsets(text: string): (byte: number) => number {
  if (isAscii(text)) return (byte) => Math.min(byte, text.length);
  const bytes = new Uint32Array(text.length + 1);
  let byte = 0;
  for (let index = 0; index < text.length; index += 1) {
    bytes[index] = byte;
    byte += utf8Length(text, index);
  }
  bytes[text.length] = byte;
  return (wanted) => firstAtOrAfter(bytes, wanted);
}

/** The UTF-16 offset of the code point with this 0-based index. */
export function codePointOffset(text: string, codePoint: number): number {
  let offset = 0;
  for (let index = 0; index < codePoint && offset < text.length; index += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

/** A pair of surrogates is four bytes: all of them are counted at its first half. */
function utf8Length(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff;
  if (isSecondHalf && index > 0 && (text.codePointAt(index - 1) ?? 0) > 0xffff) return 0;
  return (text.codePointAt(index) ?? 0) > 0xffff ? 4 : 3;
}

function firstAtOrAfter(sorted: Uint32Array, wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
