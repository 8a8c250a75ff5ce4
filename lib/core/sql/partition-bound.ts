import type { Node, PartitionBoundSpec } from 'libpg-query';
import type { RelationFacts } from './catalog.ts';
import type { SqlParser } from './parser.ts';
import { checkExpression } from './rules/not-null.ts';
import { columnOf, conjuncts } from './walk.ts';

/**
 * Whether validated CHECK constraints of a table prove that its rows fit a range bound over one
 * column, so that ATTACH PARTITION need not read them. Only what is certain counts: anything else
 * (lists, hashes, several columns, text, expressions) is not proven.
 */
export function provesBound(
  parser: SqlParser,
  table: RelationFacts | undefined,
  key: readonly string[],
  bound: PartitionBoundSpec,
): boolean {
  const [column] = key;
  const lower = numberOf(bound.lowerdatums?.[0]);
  const upper = numberOf(bound.upperdatums?.[0]);
  if (table === undefined || column === undefined || key.length > 1) return false;
  if (lower === undefined || upper === undefined) return false;
  const terms = table.constraints
    .filter(({ kind, validated }) => kind === 'check' && validated)
    .flatMap(({ definition }) => {
      const expression = checkExpression(parser, definition);
      return expression === undefined ? [] : conjuncts(expression);
    });
  const limits = terms.flatMap((term) => limitOf(term, column));
  return (
    (isNotNull(table, column) || terms.some((term) => requiresValue(term, column))) &&
    limits.some(({ operator, value }) => operator === '>=' && value >= lower) &&
    limits.some(({ operator, value }) => operator === '<' && value <= upper)
  );
}

interface Limit {
  readonly operator: string;
  readonly value: number;
}

function limitOf(term: Node, column: string): readonly Limit[] {
  if (!('A_Expr' in term) || columnOf(term.A_Expr.lexpr) !== column) return [];
  const [name] = term.A_Expr.name ?? [];
  const operator = name !== undefined && 'String' in name ? name.String.sval : undefined;
  const value = numberOf(term.A_Expr.rexpr);
  return operator === undefined || value === undefined ? [] : [{ operator, value }];
}

/** Integers only: comparing other constants needs the column's own operator. */
function numberOf(node: Node | undefined): number | undefined {
  if (node === undefined || !('A_Const' in node)) return undefined;
  const { ival } = node.A_Const;
  // The parser leaves zero out: `{ival: {}}`.
  return ival === undefined ? undefined : (ival.ival ?? 0);
}

function isNotNull({ columns }: RelationFacts, column: string): boolean {
  return columns.some(({ name, notNull }) => name === column && notNull);
}

function requiresValue(term: Node, column: string): boolean {
  return (
    'NullTest' in term &&
    term.NullTest.nulltesttype === 'IS_NOT_NULL' &&
    columnOf(term.NullTest.arg) === column
  );
}
