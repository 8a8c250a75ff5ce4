import type { Node } from 'libpg-query';
import { byteOffsets } from '../sql/offsets.ts';
import type { SqlParser } from '../sql/parser.ts';
import { quoteName, stringsOf } from '../sql/sql-name.ts';
import { nodesNamed } from '../sql/walk.ts';

/** An SQL expression over one row of a table: `up` or `down` of an operation. */
export interface RowExpression {
  /** Without the SELECT that pgroll's files often start with. */
  readonly text: string;
  /** Every column name in it, those of subqueries among them, once each. */
  readonly columns: readonly string[];
  /** Names inside a subquery may mean its own tables, so they are left to the server. */
  readonly needsScope: boolean;
  readonly uses: readonly ColumnUse[];
}

interface ColumnUse {
  readonly column: string;
  /** UTF-16 offsets in `text`. */
  readonly start: number;
  readonly end: number;
}

export type ReadExpression =
  | { readonly kind: 'expression'; readonly expression: RowExpression }
  | { readonly kind: 'syntax-error'; readonly message: string };

/** The values of the columns: for each name, as the expression's author knows it, its SQL. */
export type Scope = ReadonlyMap<string, string>;

/** Reads an expression, or a SELECT of one. */
export function readExpression(parser: SqlParser, written: string): ReadExpression {
  const text = withoutSelect(parser, written.trim());
  const outcome = parser.parse(`${HEAD}${text}${TAIL}`);
  if (outcome.kind === 'syntax-error') return { kind: 'syntax-error', message: outcome.message };
  const [statement, another] = outcome.statements;
  if (statement === undefined || another !== undefined) {
    return { kind: 'syntax-error', message: 'more than one expression' };
  }
  const uses = columnUses(parser, text, statement.node);
  const subqueries = nodesNamed(statement.node, 'SubLink').length > 0;
  return {
    kind: 'expression',
    expression: {
      text,
      columns: [...new Set(uses.map(({ column }) => column))],
      needsScope: subqueries || uses.some(({ column }) => column === WHOLE_ROW),
      uses,
    },
  };
}

/** The expression's value as SQL, where the columns have these values. */
export function sqlValue(expression: RowExpression, scope: Scope, tableName: string): string {
  if (!expression.needsScope) return `(${substituted(expression, (name) => scope.get(name))})`;
  const whole = expression.columns.includes(WHOLE_ROW);
  const named = [...scope].filter(([name]) => whole || expression.columns.includes(name));
  const columns = named.map(([name, sql]) => `${sql} as ${quoteName(name)}`).join(', ');
  return `(select (${expression.text}) from (select ${columns}) as ${quoteName(tableName)})`;
}

/** The expression's text with each column that has a replacement replaced. */
export function substituted(
  { text, uses }: RowExpression,
  replacement: (column: string) => string | undefined,
): string {
  return uses
    .toSorted((a, b) => b.start - a.start)
    .reduce((sql, { column, start, end }) => {
      const replaced = replacement(column);
      return replaced === undefined ? sql : `${sql.slice(0, start)}${replaced}${sql.slice(end)}`;
    }, text);
}

/** Whether the expression is nothing but this column. */
export function isColumn({ text, uses }: RowExpression, column: string): boolean {
  const [use, another] = uses;
  return (
    use?.column === column && another === undefined && use.start === 0 && use.end === text.length
  );
}

const HEAD = 'select (\n';
const TAIL = '\n)';
const WHOLE_ROW = '*';

/** `SELECT x` without a FROM and so on is just `x`, which PL/pgSQL evaluates without a query. */
function withoutSelect(parser: SqlParser, text: string): string {
  const outcome = parser.parse(text);
  const [only, another] = outcome.kind === 'parsed' ? outcome.statements : [];
  if (only === undefined || another !== undefined || !('SelectStmt' in only.node)) return text;
  const { op, limitOption, targetList = [], ...rest } = only.node.SelectStmt;
  const plain =
    op === 'SETOP_NONE' && limitOption === 'LIMIT_OPTION_DEFAULT' && targetList.length === 1;
  const [target] = targetList;
  const named =
    target !== undefined && 'ResTarget' in target && target.ResTarget.name !== undefined;
  if (!plain || named || Object.keys(rest).length > 0) return text;
  const [select] = parser.tokens(text).filter(({ name }) => !name.endsWith('COMMENT'));
  return text
    .slice(select?.end ?? 0)
    .replace(/;\s*$/, '')
    .trim();
}

function columnUses(parser: SqlParser, text: string, node: Node): readonly ColumnUse[] {
  const toUtf16 = byteOffsets(`${HEAD}${text}${TAIL}`);
  const tokens = parser.tokens(text);
  return nodesNamed(node, 'ColumnRef').flatMap(({ fields = [], location = 0 }) => {
    const start = toUtf16(location) - HEAD.length;
    const first = tokens.findIndex((token) => token.start === start);
    // `a.b` are three tokens: two names and the point between them.
    const last = tokens[first + 2 * fields.length - 2];
    if (first < 0 || last === undefined) return [];
    const star = fields.some((field) => 'A_Star' in field);
    const column = star ? WHOLE_ROW : (stringsOf(fields).at(-1) ?? '');
    return [{ column, start, end: last.end }];
  });
}
