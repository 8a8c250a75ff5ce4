import type { Node } from 'libpg-query';
import { NOTHING_EARLIER } from '../../sql/catalog.ts';
import { classify } from '../../sql/classify.ts';
import type { SqlParser } from '../../sql/parser.ts';
import type { Statement } from '../../sql/split.ts';
import { deriveUndo } from '../../sql/undo/derive-undo.ts';
import { type Conversion, converted, refused } from './conversion.ts';

/** The server whose rules decide; the plan asks again for the one that there is. */
const NEWEST_SERVER = 18;

/**
 * A statement that no operation says, as an `sql` operation: only where its undo is certain, it
 * destroys nothing, keeps nobody waiting for long, and the old application still works.
 * @param why why there is no operation
 */
export function asSql(statement: Statement, why: string, parser: SqlParser): Conversion {
  const against = whyNotSafe(statement.node, parser);
  const undo = deriveUndo(statement);
  if (against !== undefined) return refused(`${why}, and as SQL it is not safe: ${against}`, FIX);
  if (undo === undefined) return refused(`${why}, and its undo is not known`, FIX);
  return converted('sql', { up: statement.text, down: undo }, why, 'as SQL: its undo is certain');
}

const FIX = 'write it in phases, with its undo (docs/formats.md)';

function whyNotSafe(node: Node, parser: SqlParser): string | undefined {
  const effect = classify(
    { node },
    {
      parser,
      serverVersion: NEWEST_SERVER,
      timeZoneUtc: undefined,
      catalog: undefined,
      earlier: NOTHING_EARLIER,
    },
  );
  if (!effect.understood) return 'its effects are not known';
  const [destroyed] = effect.destructive;
  if (destroyed !== undefined) return `${destroyed.what} is gone`;
  if (effect.transactionControl) return 'each operation is a transaction of its own';
  if (effect.sessionSetting) return 'a setting of the session does not outlive its statement';
  if (effect.mayRunLong || effect.rewrites !== 'no') return 'it works on every row of a table';
  return effect.breaksOldApplication;
}
