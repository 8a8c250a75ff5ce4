import type { SqlParser, SqlToken } from '../sql/parser.ts';
import type { Statement } from '../sql/split.ts';

/** A comment `-- lockkeeper:allow <rule-id>: <reason>`, as it was written. */
export interface Allowance {
  /** Empty when nothing was written. */
  readonly rule: string;
  /** Empty when nothing was written. */
  readonly reason: string;
  /** 0-based position of the statement right behind it; undefined: it stands elsewhere. */
  readonly statementIndex: number | undefined;
  /** UTF-16 offset in the text. */
  readonly offset: number;
}

const MARK = 'lockkeeper:allow';

/**
 * The allowances of a text. Comments are what the lexer says they are, so a literal or a function
 * body with the same words allows nothing.
 */
export function allowancesIn(
  parser: SqlParser,
  text: string,
  statements: readonly Pick<Statement, 'start' | 'end'>[],
): readonly Allowance[] {
  // The lexer has nothing to say about an empty text.
  if (text.trim() === '') return [];
  return parser
    .tokens(text)
    .filter(isComment)
    .flatMap((token) => {
      const words = contentOf(text, token);
      if (!words.startsWith(MARK)) return [];
      const rest = words.slice(MARK.length);
      const colon = rest.indexOf(':');
      const rule = (colon < 0 ? rest : rest.slice(0, colon)).trim();
      const reason = colon < 0 ? '' : rest.slice(colon + 1).trim();
      return [
        { rule, reason, statementIndex: behind(text, token, statements), offset: token.start },
      ];
    });
}

function isComment({ name }: SqlToken): boolean {
  return name === 'SQL_COMMENT' || name === 'C_COMMENT';
}

function contentOf(text: string, { start, end, name }: SqlToken): string {
  return name === 'SQL_COMMENT'
    ? text.slice(start + 2, end).trim()
    : text.slice(start + 2, end - 2).trim();
}

/** The statement that begins after the comment, if the comment has a line of its own. */
function behind(
  text: string,
  { start, end }: SqlToken,
  statements: readonly Pick<Statement, 'start' | 'end'>[],
): number | undefined {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const inside = statements.some((each) => each.start < start && start < each.end);
  if (inside || text.slice(lineStart, start).trim() !== '') return undefined;
  const index = statements.findIndex((each) => each.start >= end);
  return index < 0 ? undefined : index;
}
