import type { Parity, ParityPair } from '../backfill/parity.ts';
import { quoteIdentifier, storedName } from '../backfill/sql-text.ts';
import type { DeclaredBackfill, Migration } from '../migration/migration.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import { canBeAskedAgain, columnsIn, holdsForLong, parseExpression } from './asked-again.ts';

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
    ? parity.pairs?.filter((pair) => pairHolds(pair, context))
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
  const read = where === undefined ? undefined : columnsIn(parseExpression(where, context.parser));
  const restricts = read !== undefined && !read.some((name) => columns.includes(name));
  return { pairs, where: restricts ? where : undefined };
}

function pairHolds({ sides, or }: ParityPair, context: ClassifyContext): boolean {
  return [sides, ...(or === undefined ? [] : [or])].every(({ expected }) =>
    holdsForLong(expected, context),
  );
}
