import type { Node } from 'libpg-query';
import type { Parity, ParityPair } from '../backfill/parity.ts';
import { quoteIdentifier, storedName } from '../backfill/sql-text.ts';
import type { DeclaredBackfill, Migration } from '../migration/migration.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import type { SqlParser } from '../sql/parser.ts';
import { stringsOf } from '../sql/sql-name.ts';
import { functionsIn, volatilityOf } from '../sql/volatility.ts';
import { nodesNamed } from '../sql/walk.ts';

/** Whether there is a contract: only then is something lost where old and new differ. */
export function takesAway({ contract, finalize }: Migration): boolean {
  return contract.length + finalize.length > 0;
}

/**
 * What the rows of a backfill are compared by; undefined: nothing.
 *
 * Where the author says nothing, each column of `set` has to have the value of its expression, as
 * far as that can be asked a second time. `where` then mostly says which rows are still to be done
 * (`total_cents is null`), and no longer selects any; only one that names none of the columns is a
 * real restriction.
 *
 * @param isProof whether it is needed where the author says nothing
 */
export function parityOf(
  { work, parity }: DeclaredBackfill,
  isProof: boolean,
  context: ClassifyContext,
): Parity | undefined {
  if (parity?.kind === 'skipped' || (parity === undefined && !isProof)) return undefined;
  const own = work.kind === 'update' ? ofUpdate(work, context) : undefined;
  const declared = parity?.derived
    ? parity.pairs?.filter((pair) => holdsForLong(pair, context))
    : parity?.pairs;
  const pairs = declared ?? own?.pairs ?? [];
  if (pairs.length === 0) return undefined;
  const where = parity?.where ?? own?.where;
  return {
    pairs,
    ...(parity?.join !== undefined && { join: parity.join }),
    ...(where !== undefined && { where }),
    onMismatch: parity?.onMismatch ?? 'stop',
  };
}

function ofUpdate(
  {
    set,
    where,
  }: { readonly set: Readonly<Record<string, string>>; readonly where?: string | undefined },
  context: ClassifyContext,
): Pick<Parity, 'pairs' | 'where'> {
  const columns = Object.keys(set).map(storedName);
  const pairs = Object.entries(set).flatMap(([written, expected]): ParityPair[] => {
    const column = storedName(written);
    if (!canBeAskedAgain(expected, columns, context)) return [];
    return [{ name: column, sides: { expected, actual: quoteIdentifier(column), column } }];
  });
  const read = where === undefined ? undefined : columnsIn(parse(where, context.parser));
  const restricts = read !== undefined && !read.some((name) => columns.includes(name));
  return { pairs, where: restricts ? where : undefined };
}

/** These give another value an hour later, though not within a statement. */
const OF_THE_MOMENT: ReadonlySet<string> = new Set(
  (
    'now transaction_timestamp statement_timestamp age txid_current pg_current_xact_id ' +
    'current_setting inet_client_addr'
  ).split(' '),
);

/** Other tables may have changed since a row was written. */
function holdsForLong({ sides, or }: ParityPair, context: ClassifyContext): boolean {
  return [sides, ...(or === undefined ? [] : [or])].every(({ expected }) => {
    const node = parse(expected, context.parser);
    return node !== undefined && isRepeatable(node, context) && !readsTables(node);
  });
}

const readsTables = (node: Node) => nodesNamed(node, 'RangeVar').length > 0;

/** Not when it reads what it sets (`moved + 1`), draws lots or reads the clock. */
function canBeAskedAgain(
  expression: string,
  set: readonly string[],
  context: ClassifyContext,
): boolean {
  const node = parse(expression, context.parser);
  if (node === undefined) return false;
  if (columnsIn(node).some((name) => set.includes(name))) return false;
  return isRepeatable(node, context);
}

function isRepeatable(node: Node, context: ClassifyContext): boolean {
  if (volatilityOf(node, context) === 'volatile') return false;
  if (nodesNamed(node, 'SQLValueFunction').length > 0) return false;
  return !functionsIn(node).some(({ name }) => OF_THE_MOMENT.has(name));
}

function columnsIn(node: Node | undefined): readonly string[] {
  return nodesNamed(node, 'ColumnRef').flatMap(({ fields = [] }) => stringsOf(fields).slice(-1));
}

function parse(expression: string, parser: SqlParser): Node | undefined {
  const outcome = parser.parse(`select (\n${expression}\n)`);
  return outcome.kind === 'parsed' ? outcome.statements[0]?.node : undefined;
}
