import type { Node } from 'libpg-query';
import { storedName } from '../backfill/sql-text.ts';
import type { BackfillWork } from '../migration/migration.ts';
import { marksRows } from '../operations/sync/marks-rows.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { SqlParser } from '../sql/parser.ts';
import { stringsOf } from '../sql/sql-name.ts';
import { functionsIn, volatilityOf } from '../sql/volatility.ts';
import { nodesNamed } from '../sql/walk.ts';

/** These give another value an hour later, though not within a statement. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set(
  (
    'now transaction_timestamp statement_timestamp age txid_current pg_current_xact_id ' +
    'current_setting inet_client_addr'
  ).split(' '),
);

/**
 * Whether an expression gives the same value for the same row some minutes later.
 * Not when it reads what it sets (`moved + 1`), draws lots or reads the clock.
 */
export function canBeAskedAgain(
  expression: string,
  set: readonly string[],
  context: ClassifyContext,
): boolean {
  const node = parseExpression(expression, context.parser);
  if (node === undefined) return false;
  if (columnsIn(node).some((name) => set.includes(name))) return false;
  return isSteady(node, context);
}

/**
 * Whether it can be told of each row if work on it is still to be done: it has a mark, or what it
 * should have can be computed and compared with what it has.
 */
export function isRepeatable(work: BackfillWork, context: ClassifyContext): boolean {
  if (marksRows(work)) return true;
  if (work.kind !== 'update') return false;
  const { set, where } = work;
  const columns = Object.keys(set).map(storedName);
  const selects = where === undefined || canBeAskedAgain(where, [], context);
  return selects && Object.values(set).every((value) => canBeAskedAgain(value, columns, context));
}

/** The same, days later: other tables may have changed since a row was written. */
export function holdsForLong(expression: string, context: ClassifyContext): boolean {
  const node = parseExpression(expression, context.parser);
  return node !== undefined && isSteady(node, context) && !readsTables(node);
}

/** The columns that it names, without their tables. */
export function columnsIn(node: Node | undefined): readonly string[] {
  return nodesNamed(node, 'ColumnRef').flatMap(({ fields = [] }) => stringsOf(fields).slice(-1));
}

/** Undefined when it is none. */
export function parseExpression(expression: string, parser: SqlParser): Node | undefined {
  const outcome = parser.parse(`select (\n${expression}\n)`);
  return outcome.kind === 'parsed' ? outcome.statements[0]?.node : undefined;
}

const readsTables = (node: Node) => nodesNamed(node, 'RangeVar').length > 0;

function isSteady(node: Node, context: ClassifyContext): boolean {
  if (volatilityOf(node, context) === 'volatile') return false;
  if (nodesNamed(node, 'SQLValueFunction').length > 0) return false;
  return !functionsIn(node).some(({ name }) => OF_THE_MOMENT.has(name));
}
