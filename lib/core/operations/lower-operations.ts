import type { MigrationId } from '../ids.ts';
import type { DeclaredOperation, Migration } from '../migration/migration.ts';
import type { Parsed, Problem } from '../migration/problem.ts';
import type { SqlParser } from '../sql/parser.ts';
import { operationNamed } from './all-operations.ts';
import type { Lowered, SyncRule } from './lowered.ts';
import { derivedName } from './names.ts';
import type { LoweringContext, Refusal } from './operation-kind.ts';
import type { SchemaModel } from './schema-model.ts';
import { MADE_IN_EXPAND, StepIds, toDeclared } from './step-ids.ts';
import { type GatherContext, gatherSync } from './sync/gather-sync.ts';
import { lowerSync } from './sync/lower-sync.ts';
import type { TableSync } from './sync/table-sync.ts';
import { whyNotToldApart } from './sync/why-not-told-apart.ts';
import { dropVersions, versionSchemaSteps } from './version-schema.ts';
import { whyNotRead } from './why-not-read.ts';

/**
 * Turns the operations of a migration into steps of its phases, on a target's schema. Steps that
 * the author wrote as SQL come after those of the operations, phase by phase.
 */
export function lowerOperations(
  migration: Migration,
  before: SchemaModel,
  parser: SqlParser,
): Parsed<Migration> {
  if (migration.operations.length === 0) return { kind: 'parsed', value: migration };
  const versionSchema = migration.versionedSchema
    ? versionSchemaName(before, migration.migrationId)
    : undefined;
  const outcome = lowerAll(migration, { before, parser, versionSchema });
  return outcome.kind === 'invalid' ? outcome : { kind: 'parsed', value: outcome.value };
}

/** The schema of views that instances of the new version put first on their search path. */
export function versionSchemaName(
  { defaultSchema }: SchemaModel,
  migrationId: MigrationId,
): string {
  return derivedName(defaultSchema, migrationId);
}

type Start = Pick<LoweringContext, 'before' | 'parser' | 'versionSchema'>;

function lowerAll(migration: Migration, start: Start): Parsed<Migration> {
  const ids = new StepIds(migration);
  const lowered: { readonly operation: DeclaredOperation; readonly result: Lowered }[] = [];
  let model = start.before;
  for (const operation of migration.operations) {
    const context: LoweringContext = { ...start, migrationId: migration.migrationId, model };
    const outcome = operationNamed(operation.name).lower(operation.declared, context);
    if (outcome.kind === 'refused') {
      return { kind: 'invalid', problems: [problemOf(operation, outcome)] };
    }
    lowered.push({ operation, result: outcome.lowered });
    model = outcome.lowered.after;
  }
  const [first] = migration.operations;
  if (first === undefined) return { kind: 'parsed', value: migration };
  const rules: readonly SyncRule[] = lowered.flatMap(({ result }) => result.sync ?? []);
  const gathered = gatherSync(rules, { ...start, after: model });
  for (const { operation, result } of lowered) {
    const refusal = whyNotSynced(result.sync ?? [], gathered, { ...start, after: model });
    if (refusal !== undefined) {
      return { kind: 'invalid', problems: [problemOf(operation, refusal)] };
    }
  }
  const synced = gathered.map((sync) => ({
    location: locationOf(lowered, sync.rules[0]?.rule) ?? first.location,
    table: sync.before.physicalName,
    steps: lowerSync(sync),
  }));
  const steps = (phase: 'expand' | 'contract' | 'finalize') =>
    lowered.flatMap(({ operation, result }, index) =>
      (result[phase] ?? []).map((draft) => ids.statement(draft, operation, index)),
    );
  const syncSteps = (phase: 'expand' | 'contract' | 'finalize') =>
    synced.flatMap(({ location, table, steps: { [phase]: drafts } }) =>
      drafts.map((draft) => toDeclared(draft, ids.unique(`sync_${table}_${draft.id}`), location)),
    );
  const version = (drafts: ReturnType<typeof dropVersions>) =>
    drafts.map((draft) => toDeclared(draft, ids.unique(`version_${draft.id}`), first.location));
  const { versionSchema } = start;
  const contract = [...syncSteps('contract'), ...steps('contract'), ...migration.contract];
  const finalize = [
    ...(versionSchema === undefined ? [] : version(dropVersions(start.before))),
    ...syncSteps('finalize'),
    ...steps('finalize'),
    ...migration.finalize,
  ];
  return {
    kind: 'parsed',
    value: {
      ...migration,
      operations: [],
      expand: [
        ...steps('expand'),
        ...syncSteps('expand'),
        ...(versionSchema === undefined ? [] : version(versionSchemaSteps(versionSchema, model))),
        ...migration.expand,
      ],
      backfill: [
        ...synced.flatMap(({ location, table, steps: { backfill } }) =>
          backfill === undefined
            ? []
            : [
                {
                  kind: 'backfill' as const,
                  stepId: ids.unique(`fill_${table}`),
                  table: backfill.table,
                  work: { kind: 'update' as const, set: backfill.set, where: backfill.where },
                  pacing: ids.pacing,
                  parity: backfill.parity,
                  undo: MADE_IN_EXPAND,
                  location,
                },
              ],
        ),
        ...lowered.flatMap(({ operation, result }, index) =>
          (result.backfill ?? []).map((draft) => ids.backfill(draft, operation, index)),
        ),
        ...migration.backfill,
      ],
      validate: [
        ...lowered.flatMap(({ operation, result }, index) =>
          (result.validate ?? []).map((draft) =>
            draft.kind === 'check'
              ? ids.check(draft, operation, index)
              : ids.statement(draft, operation, index),
          ),
        ),
        ...migration.validate,
      ],
      contract,
      finalize,
      ...(contract.length + finalize.length === 0 ? withoutContract(migration) : {}),
    },
  };
}

/** What only the whole migration shows. */
function whyNotSynced(
  own: readonly SyncRule[],
  gathered: readonly TableSync[],
  context: GatherContext,
): Refusal | undefined {
  const unread = own.map((rule) => whyNotRead(rule, context)).find((why) => why !== undefined);
  if (unread !== undefined) return unread;
  return gathered
    .map(whyNotToldApart)
    .find((found) => found !== undefined && own.includes(found.rule))?.refusal;
}

/** Operations may turn out to take nothing away: then there is nothing to approve and to soak. */
function withoutContract(migration: Migration): Pick<Migration, 'gates' | 'snapshots'> {
  return {
    gates: { ...migration.gates, contract: { kind: 'none' }, soak: { kind: 'none' } },
    snapshots: { ...migration.snapshots, beforeContract: 'none' },
  };
}

function locationOf(
  lowered: readonly { readonly operation: DeclaredOperation; readonly result: Lowered }[],
  rule: SyncRule | undefined,
): DeclaredOperation['location'] | undefined {
  return lowered.find(({ result }) => rule !== undefined && result.sync?.includes(rule))?.operation
    .location;
}

function problemOf(operation: DeclaredOperation, { why, fix, path }: Refusal): Problem {
  return {
    rule: 'operation-refused',
    location: operation.locationOf(path ?? []),
    message: `${operation.name}: ${why}`,
    ...(fix !== undefined && { fix }),
  };
}
