import { quoteLiteral } from '../../backfill/sql-text.ts';
import { writeName } from '../../sql/sql-name.ts';
import { PENDING_COLUMN, syncFunctionName } from '../names.ts';
import { SyncCode } from './sync-code.ts';
import { isRename, type SyncStage } from './sync-names.ts';
import type { TableSync } from './table-sync.ts';

/**
 * The trigger function that keeps old and new columns of a table in step, in both directions.
 *
 * Who wrote is told from what was written, not from who is connected: a column that only the new
 * application knows and that has a new value was set by the new application, so the old column
 * follows (`down`); an old column with a new value was set by the old one, so the new column follows
 * (`up`). Only an INSERT that leaves the new column empty is ambiguous. There the schema of the
 * version on the search path decides, where there is one; without one `up` gives the value.
 *
 * No loops: a BEFORE trigger changes the row it was given and writes no other.
 *
 * No lost update against the backfill, whose statement is `set new = up, lk_pending = false where
 * lk_pending`. Each write of a client passes here, and sets `lk_pending` to false together with the
 * values of both sides, under the row's lock. So of two writers of a row
 * - the client is first: under READ COMMITTED the backfill waits, reads the row again, finds it no
 *   longer pending and leaves it; under REPEATABLE READ it could not (its snapshot is one statement's).
 * - the backfill is first: the client waits and updates the filled row; the trigger sees the filled
 *   row as `old`. A client under REPEATABLE READ gets a serialization failure (40001), as from any
 *   other writer, and tries again.
 *
 * A row whose new value was derived stays derived: when another column that `up` reads changes, the
 * new value follows only if it still equals `up` of the row before, so what the new application
 * wrote itself is never overwritten.
 */
export function syncFunction(
  sync: TableSync,
  stage: SyncStage,
  pending: boolean,
  verb: 'create' | 'create or replace' = 'create or replace',
): string {
  const rules = sync.rules.filter(({ rule }) => !isRename(rule));
  const code = new SyncCode(sync, stage, pending);
  return [
    `${verb} function ${syncFunctionOf(sync)}() returns trigger`,
    'language plpgsql as $lockkeeper$',
    'declare',
    `  by_new constant boolean := ${byNew(sync, stage)};`,
    'begin',
    "  if tg_op = 'INSERT' then",
    ...rules.flatMap((rule) => code.insertDown(rule)).map(indent),
    ...rules.flatMap((rule) => code.insertUp(rule)).map(indent),
    ...rules.flatMap((rule) => code.insertDropped(rule)).map(indent),
    '  else',
    ...rules.flatMap((rule) => code.update(rule)).map(indent),
    ...rules.flatMap((rule) => code.updateDropped(rule)).map(indent),
    ...(pending ? [`    new.${PENDING_COLUMN} := false;`] : []),
    '  end if;',
    '  return new;',
    'end',
    '$lockkeeper$',
  ].join('\n');
}

/** In the schema of its table. */
export function syncFunctionOf({ before }: TableSync): string {
  return writeName({ schema: before.schema, name: syncFunctionName(before.physicalName) });
}

const indent = (line: string) => `    ${line}`;

/** After the swap the table's own names are the new application's; only old versions' views are old. */
function byNew({ writers }: TableSync, stage: SyncStage): string {
  if (stage === 'expand') {
    return writers.newVersion === undefined
      ? 'false'
      : `${quoteLiteral(writers.newVersion)} = any (current_schemas(false))`;
  }
  if (writers.oldVersions.length === 0) return 'true';
  const schemas = writers.oldVersions.map(quoteLiteral).join(', ');
  return `not current_schemas(false) && array[${schemas}]::name[]`;
}
