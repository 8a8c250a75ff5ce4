import type { Node } from 'libpg-query';
import { locate } from './locate.ts';
import type { SqlParser, SqlSyntaxError, SqlToken } from './parser.ts';

/** One statement of a text: nothing before it, nothing after it, no semicolon. */
export interface Statement {
  readonly text: string;
  /** UTF-16 offset in the whole text. */
  readonly start: number;
  /** UTF-16 offset in the whole text, exclusive. */
  readonly end: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly node: Node;
}

export type SplitOutcome =
  | { readonly kind: 'statements'; readonly statements: readonly Statement[] }
  | SqlSyntaxError;

/**
 * Splits a text as the server itself would: at the ends its grammar finds, never at a semicolon
 * inside a literal, a comment or a function body. Comments and white space around a statement are
 * left out of it, those inside it stay.
 */
export function split(parser: SqlParser, sql: string): SplitOutcome {
  const parsed = parser.parse(sql);
  if (parsed.kind === 'syntax-error') return parsed;
  // The lexer has nothing to say about an empty text.
  if (parsed.statements.length === 0) return { kind: 'statements', statements: [] };
  const words = parser.tokens(sql).filter((token) => !isComment(token));
  let next = 0;
  const statements = parsed.statements.map(({ node, start, end }) => {
    while (next < words.length && (words[next]?.start ?? end) < start) next += 1;
    const first = words[next];
    let last = first;
    for (; (words[next]?.end ?? Number.POSITIVE_INFINITY) <= end; next += 1) last = words[next];
    return statementAt(sql, node, first?.start ?? start, last?.end ?? end);
  });
  return { kind: 'statements', statements };
}

function isComment({ name }: SqlToken): boolean {
  return name === 'SQL_COMMENT' || name === 'C_COMMENT';
}

function statementAt(sql: string, node: Node, start: number, end: number): Statement {
  const { line, column } = locate(sql, start);
  return { text: sql.slice(start, end), start, end, line, column, node };
}
