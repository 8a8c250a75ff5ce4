import type { Node } from 'libpg-query';
import type { SqlParser } from '../sql/parser.ts';

/*
 * Pieces of SQL that an author writes inside an operation. Each is read by PostgreSQL's grammar, in
 * the very place where it will stand, before it becomes part of a statement: a bracket too many or a
 * comment that swallows the rest is found here and cannot change what the statement is.
 */

/** One expression: `length(title) > 3`. */
export function isExpression(parser: SqlParser, text: string): boolean {
  return selected(parser, text) !== undefined && isClosed(parser, text);
}

/** A piece that stays inside the brackets that are put around it: no comment, no end of statement. */
export function isClosed(parser: SqlParser, text: string): boolean {
  if (text.trim() === '') return true;
  let depth = 0;
  for (const { start, end, name } of tokensOf(parser, text) ?? [OUTSIDE]) {
    const token = text.slice(start, end);
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (depth < 0 || token === ';' || name.endsWith('COMMENT')) return false;
  }
  return depth === 0;
}

const OUTSIDE = { start: 0, end: 0, name: 'SQL_COMMENT' };

/** Undefined for what the lexer cannot read, such as an open quote. */
function tokensOf(parser: SqlParser, text: string) {
  try {
    return parser.tokens(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** One type, as in a column definition: `numeric(10,2)[]`, `serial`. */
export function isType(parser: SqlParser, text: string): boolean {
  const node = onlyStatement(parser, `create table t (c ${text})`);
  if (node === undefined || !('CreateStmt' in node)) return false;
  const [first, ...others] = node.CreateStmt.tableElts ?? [];
  if (first === undefined || others.length > 0 || !('ColumnDef' in first)) return false;
  const { constraints = [], collClause } = first.ColumnDef;
  return constraints.length === 0 && collClause === undefined;
}

/** Whether these statements with the piece in them are one statement of this kind. */
export function isOneStatement(parser: SqlParser, sql: string, kind: string): boolean {
  const node = onlyStatement(parser, sql);
  return node !== undefined && kind in node;
}

function selected(parser: SqlParser, text: string): Node | undefined {
  const node = onlyStatement(parser, `select (${text})`);
  if (node === undefined || !('SelectStmt' in node)) return undefined;
  const { targetList = [], fromClause, whereClause } = node.SelectStmt;
  const [target, ...others] = targetList;
  const alone = others.length === 0 && fromClause === undefined && whereClause === undefined;
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  // Two expressions and a comma between our brackets are a row.
  const isList =
    value !== undefined &&
    'RowExpr' in value &&
    value.RowExpr.row_format === 'COERCE_IMPLICIT_CAST';
  return alone && !isList ? value : undefined;
}

function onlyStatement(parser: SqlParser, sql: string): Node | undefined {
  const parsed = parser.parse(sql);
  return parsed.kind === 'parsed' && parsed.statements.length === 1
    ? parsed.statements[0]?.node
    : undefined;
}
