import type { DeclaredParity } from '../../backfill/parity.ts';
import { quoteName } from '../../sql/sql-name.ts';
import type { StepDraft } from '../lowered.ts';
import {
  PENDING_COLUMN,
  SYNC_INSERT_TRIGGER,
  SYNC_UPDATE_TRIGGER,
  tombstoneName,
} from '../names.ts';
import { sqlValue } from '../row-expression.ts';
import { hasKey } from './marks-rows.ts';
import { SyncCode } from './sync-code.ts';
import { syncFunction, syncFunctionOf } from './sync-function.ts';
import { isRename, newPhysical } from './sync-names.ts';
import { syncParity } from './sync-parity.ts';
import { oldScope, type ReadRule, type TableSync } from './table-sync.ts';

/** What the rules of one table come down to, together. */
export interface LoweredSync {
  /** After the columns exist. */
  readonly expand: readonly StepDraft[];
  readonly backfill: SyncBackfill | undefined;
  /** Before the contract steps of the operations. */
  readonly contract: readonly StepDraft[];
  /** Before the finalize steps of the operations. */
  readonly finalize: readonly StepDraft[];
}

export interface SyncBackfill {
  /** As SQL. */
  readonly table: string;
  readonly set: Readonly<Record<string, string>>;
  readonly where: string;
  readonly parity: DeclaredParity;
}

/** One trigger pair, one backfill and one swap for all rules of a table. */
export function lowerSync(sync: TableSync): LoweredSync {
  const backfill = backfillOf(sync);
  const triggers = triggersOf(sync, backfill !== undefined);
  const synced = triggers.length > 0;
  return {
    expand: synced ? expandOf(sync, triggers, backfill !== undefined) : [],
    backfill,
    contract: swapOf(sync, backfill !== undefined, synced),
    finalize: removalOf(sync, backfill !== undefined, triggers),
  };
}

function backfillOf(sync: TableSync): SyncBackfill | undefined {
  const filled = sync.rules.filter(({ rule, up }) => rule.backfill && up !== undefined);
  if (filled.length === 0) return undefined;
  // Inside the UPDATE the columns are in scope by their own names.
  const scope = new Map(
    [...oldScope(sync, 'expand', 'row')].map(([name, sql]) => [name, sql.slice('row.'.length)]),
  );
  const values = filled.map(({ rule, up }) => [
    quoteName(rule.shadow ?? ''),
    // A subquery finds the columns by itself, as it would in the author's own UPDATE.
    up === undefined ? 'null' : up.needsScope ? `(${up.text})` : sqlValue(up, scope, ''),
  ]);
  return {
    table: sync.tableSql,
    set: Object.fromEntries([...values, [PENDING_COLUMN, 'false']]),
    where: PENDING_COLUMN,
    parity: syncParity(sync),
  };
}

interface Trigger {
  readonly name: string;
  readonly sql: string;
}

function triggersOf(sync: TableSync, pending: boolean): readonly Trigger[] {
  const rules = sync.rules.filter(({ up, down }) => up !== undefined || down !== undefined);
  if (rules.length === 0) return [];
  const on = `on ${sync.tableSql}`;
  const run = `execute function ${syncFunctionOf(sync)}()`;
  const watched = new SyncCode(sync, 'expand', pending).watched(rules);
  // The backfill is what makes a row no longer pending; its values need no second look.
  const notBackfill = pending ? `old.${PENDING_COLUMN} = new.${PENDING_COLUMN} and ` : '';
  const moved = pending && !hasKey(sync.before) ? [`old.${PENDING_COLUMN}`] : [];
  const when = `when (${notBackfill}(${[...moved, ...watched].join(' or ')}))`;
  return [
    {
      name: SYNC_INSERT_TRIGGER,
      sql: `create trigger ${SYNC_INSERT_TRIGGER} before insert ${on} for each row ${run}`,
    },
    ...(watched.length === 0
      ? []
      : [
          {
            name: SYNC_UPDATE_TRIGGER,
            sql: `create trigger ${SYNC_UPDATE_TRIGGER} before update ${on} for each row ${when} ${run}`,
          },
        ]),
  ];
}

/**
 * Rows that are written between the first step and the triggers are pending like the old ones, and
 * from the moment of the triggers on no new row is: the default changes in the same transaction.
 */
function expandOf(
  sync: TableSync,
  triggers: readonly Trigger[],
  pending: boolean,
): readonly StepDraft[] {
  const { tableSql: table } = sync;
  const made = [
    ...triggers.map(({ sql }) => sql),
    // Rows that arrive by logical replication are kept in step as well.
    ...triggers.map(({ name }) => `alter table ${table} enable always trigger ${name}`),
    ...(pending ? [`alter table ${table} alter column ${PENDING_COLUMN} set default false`] : []),
  ];
  const [first = '', ...together] = made;
  const [undoFirst = '', ...undoTogether] = triggers
    .toReversed()
    .map(({ name }) => `drop trigger ${name} on ${table}`);
  return [
    ...(pending
      ? [
          statement(
            'pending',
            `alter table ${table} add column ${PENDING_COLUMN} boolean not null default true`,
            `alter table ${table} drop column ${PENDING_COLUMN}`,
          ),
        ]
      : []),
    statement(
      'function',
      syncFunction(sync, 'expand', pending, 'create'),
      `drop function ${syncFunctionOf(sync)}()`,
    ),
    {
      ...statement('triggers', first, undoFirst),
      together,
      undo: { kind: 'statement', sql: undoFirst, together: undoTogether },
    },
  ];
}

/** All columns of a table change places in one transaction, and the function with them. */
function swapOf(sync: TableSync, pending: boolean, synced: boolean): readonly StepDraft[] {
  const { tableSql: table } = sync;
  const renames = sync.rules.flatMap(renamesOf);
  const swaps = sync.rules.flatMap(({ rule }) => rule.swap ?? []);
  const rename = (from: string, to: string) =>
    `alter table ${table} rename column ${quoteName(from)} to ${quoteName(to)}`;
  const act = [
    ...renames.map(({ from, to }) => rename(from, to)),
    ...swaps.map((each) => each.act),
  ];
  const undo = [
    ...renames.toReversed().map(({ from, to }) => rename(to, from)),
    ...swaps.toReversed().map((each) => each.undo),
  ];
  const [first, ...together] = act;
  const [undoFirst = '', ...undoTogether] = undo;
  if (first === undefined) return [];
  const before = synced ? [syncFunction(sync, 'expand', pending)] : [];
  const after = synced ? [syncFunction(sync, 'contract', pending)] : [];
  return [
    {
      ...statement('swap', first, undoFirst),
      together: [...together, ...after],
      undo: { kind: 'statement', sql: undoFirst, together: [...undoTogether, ...before] },
    },
  ];
}

function renamesOf({ rule }: ReadRule): readonly { readonly from: string; readonly to: string }[] {
  if (rule.oldColumn === undefined) return [];
  if (isRename(rule)) return [{ from: rule.oldColumn, to: rule.newColumn ?? '' }];
  const shadow = newPhysical(rule, 'expand');
  const final = newPhysical(rule, 'contract');
  return [
    { from: rule.oldColumn, to: tombstoneName(rule.oldColumn) },
    ...(shadow === undefined || final === undefined || shadow === final
      ? []
      : [{ from: shadow, to: final }]),
  ];
}

/** One transaction again: a trigger without its columns would fail every write. */
function removalOf(
  sync: TableSync,
  pending: boolean,
  triggers: readonly Trigger[],
): readonly StepDraft[] {
  const { finalSql: table } = sync;
  const old = sync.rules.flatMap(({ rule }) =>
    rule.oldColumn === undefined || isRename(rule) ? [] : [tombstoneName(rule.oldColumn)],
  );
  const columns = [...(pending ? [PENDING_COLUMN] : []), ...old].map(
    (name) => `drop column ${quoteName(name)}`,
  );
  const statements = [
    ...triggers.map(({ name }) => `drop trigger ${name} on ${table}`),
    ...(columns.length === 0 ? [] : [`alter table ${table} ${columns.join(', ')}`]),
    ...(triggers.length === 0 ? [] : [`drop function ${syncFunctionOf(sync)}()`]),
  ];
  const [first, ...together] = statements;
  if (first === undefined) return [];
  const why =
    old.length === 0
      ? 'the old application is no longer written for'
      : `the old values of ${old.map(quoteName).join(', ')}`;
  return [
    {
      kind: 'statement',
      id: 'remove',
      sql: first,
      ...(together.length === 0 ? {} : { together }),
      undo: { kind: 'irreversible', why },
    },
  ];
}

function statement(id: string, sql: string, undo: string): StepDraft {
  return { kind: 'statement', id, sql, undo: { kind: 'statement', sql: undo } };
}
