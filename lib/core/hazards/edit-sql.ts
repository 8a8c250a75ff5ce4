import type { SqlParser } from '../sql/parser.ts';

interface Word {
  readonly start: number;
  readonly end: number;
  /** In lower case; a quoted name is no word. */
  readonly word: string;
}

/**
 * Puts text behind the first of these key words. The lexer finds it, so a literal or a comment
 * with the same letters is left alone.
 */
export function insertAfter(parser: SqlParser, text: string, word: string, added: string): string {
  const found = keyWords(parser, text).find((each) => each.word === word);
  if (found === undefined) return text;
  return `${text.slice(0, found.end)} ${added}${text.slice(found.end)}`;
}

/** Takes out the first occurrence of consecutive key words, with the space before them. */
export function without(parser: SqlParser, text: string, ...wanted: readonly string[]): string {
  const words = keyWords(parser, text);
  const at = words.findIndex((_, index) =>
    wanted.every((word, offset) => words[index + offset]?.word === word),
  );
  const first = words[at];
  const last = words[at + wanted.length - 1];
  if (first === undefined || last === undefined) return text;
  return `${text.slice(0, first.start).trimEnd()}${text.slice(last.end)}`;
}

function keyWords(parser: SqlParser, text: string): readonly Word[] {
  return parser
    .tokens(text)
    .filter(({ name }) => name !== 'SQL_COMMENT' && name !== 'C_COMMENT')
    .map(({ start, end }) => ({ start, end, word: text.slice(start, end).toLowerCase() }));
}
