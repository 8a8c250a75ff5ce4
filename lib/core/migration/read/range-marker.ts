import type { SqlParser } from '../../sql/parser.ts';

/** What an author writes where the condition on the walked key belongs. */
export const RANGE_MARKER = ':range';
/** A condition of exactly the same length, so that every offset stays right. */
export const MARKER_STAND_IN = '(true)';

/**
 * Where `:range` stands as a marker; the same letters in a comment, in a literal or in a cast
 * (`x::range`) are none. Undefined when the lexer cannot read the SQL.
 */
export function rangeMarkers(parser: SqlParser, sql: string): readonly number[] | undefined {
  try {
    const tokens = parser.tokens(sql);
    return tokens.flatMap((token, index) => {
      const next = tokens[index + 1];
      const isMarker =
        sql.slice(token.start, token.end) === ':' &&
        next?.start === token.end &&
        sql.slice(next.start, next.end).toLowerCase() === 'range';
      return isMarker ? [token.start] : [];
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The SQL with a condition that parses in place of each marker; nothing else moves. */
export function withoutMarkers(sql: string, markers: readonly number[]): string {
  return markers.reduce(
    (text, at) => text.slice(0, at) + MARKER_STAND_IN + text.slice(at + RANGE_MARKER.length),
    sql,
  );
}
