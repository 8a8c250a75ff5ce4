import { Scalar } from 'yaml';

/**
 * Finds where a character of a YAML scalar's value stands in the file.
 *
 * Works for every style without repeating YAML's folding rules: folding, indentation and line
 * breaks change only white space, so the n-th visible character of the value is the n-th visible
 * character of the source, once quotes and escapes are read as what they mean.
 *
 * @param text the whole file
 * @param scalar a scalar read from it
 * @param index an offset in the scalar's value
 * @returns the offset in `text`
 */
export function offsetInScalar(text: string, scalar: Scalar, index: number): number {
  const [start, end] = scalar.range ?? [0, 0];
  const visibleBefore = String(scalar.value).slice(0, index).replace(/\s/g, '').length;
  let seen = 0;
  let offset = contentStart(text, scalar, start);
  while (offset < end) {
    const unit = unitAt(text, offset, scalar.type);
    if (unit.visible && seen === visibleBefore) return offset;
    if (unit.visible) seen += unit.visible;
    offset += unit.length;
  }
  return Math.max(start, Math.min(offset, text.length) - 1);
}

/** Skips the opening quote, or the header line of a block scalar (`|2- # comment`). */
function contentStart(text: string, scalar: Scalar, start: number): number {
  switch (scalar.type) {
    case Scalar.QUOTE_DOUBLE:
    case Scalar.QUOTE_SINGLE:
      return start + 1;
    case Scalar.BLOCK_LITERAL:
    case Scalar.BLOCK_FOLDED:
      return text.indexOf('\n', start) + 1;
    default:
      return start;
  }
}

/** One unit of the source: how long it is there, and how many visible characters it stands for. */
function unitAt(text: string, offset: number, style: Scalar['type']) {
  const rest = text.slice(offset, offset + 10);
  if (style === Scalar.QUOTE_SINGLE && rest.startsWith("''")) return { length: 2, visible: 1 };
  if (style === Scalar.QUOTE_DOUBLE && rest.startsWith('\\')) return escapeAt(rest);
  return { length: 1, visible: /\s/.test(rest.charAt(0)) ? 0 : 1 };
}

/** Lengths of the numeric escapes: `\x41`, `\u0041`, `\U00000041`. */
const NUMERIC_ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

function escapeAt(rest: string): { readonly length: number; readonly visible: number } {
  const letter = rest.charAt(1);
  const numeric = NUMERIC_ESCAPES[letter];
  if (numeric === undefined) {
    // Of the named escapes only these are visible; the others are white space or a line break,
    // except control characters, which SQL does not contain.
    return { length: 2, visible: /["\\/]/.test(letter) ? 1 : 0 };
  }
  const character = String.fromCodePoint(Number.parseInt(rest.slice(2, numeric), 16) || 0);
  return { length: numeric, visible: character.replace(/\s/g, '').length };
}
