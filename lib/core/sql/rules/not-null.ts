import type { Node } from 'libpg-query';
import type { ClassifyContext, ConstraintFacts } from '../catalog.ts';
import { type Effect, touched } from '../effect.ts';
import type { SqlParser } from '../parser.ts';
import type { SqlName } from '../sql-name.ts';
import { columnOf, conjuncts } from '../walk.ts';
import { factsOf } from './relation-effect.ts';

/**
 * The scan that SET NOT NULL needs, unless the column is NOT NULL already or a validated CHECK
 * proves it. A constraint that the same statement drops proves nothing: PostgreSQL runs drops first.
 *
 * @param dropped names of the constraints that the same statement drops
 */
export function notNullScan(
  table: SqlName,
  column: string,
  context: ClassifyContext,
  dropped: readonly string[],
): Effect {
  const facts = factsOf(context, table);
  const isNotNull = facts?.columns.find(({ name }) => name === column)?.notNull === true;
  const proven = facts?.constraints
    .filter(({ name, validated }) => validated && !dropped.includes(name))
    .some((constraint) => provesNotNull(context.parser, constraint, column));
  return isNotNull || proven === true
    ? {}
    : { scans: [touched(table, `every row is checked for NULL in ${column}`)] };
}

function provesNotNull(
  parser: SqlParser,
  { kind, definition }: ConstraintFacts,
  column: string,
): boolean {
  if (kind !== 'check') return false;
  const expression = checkExpression(parser, definition);
  return expression !== undefined && conjuncts(expression).some((term) => isNotNull(term, column));
}

function isNotNull(term: Node, column: string): boolean {
  return (
    'NullTest' in term &&
    term.NullTest.nulltesttype === 'IS_NOT_NULL' &&
    columnOf(term.NullTest.arg) === column
  );
}

/** The expression of a CHECK as pg_get_constraintdef() prints it; undefined for anything else. */
export function checkExpression(parser: SqlParser, definition: string): Node | undefined {
  const parsed = parser.parse(`alter table t add ${definition}`);
  if (parsed.kind === 'syntax-error') return undefined;
  const node = parsed.statements[0]?.node;
  if (node === undefined || !('AlterTableStmt' in node)) return undefined;
  const command = node.AlterTableStmt.cmds?.[0];
  if (command === undefined || !('AlterTableCmd' in command)) return undefined;
  const { def } = command.AlterTableCmd;
  return def !== undefined && 'Constraint' in def ? def.Constraint.raw_expr : undefined;
}
