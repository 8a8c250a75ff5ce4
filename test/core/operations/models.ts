import { type MigrationId, parseMigrationId } from '../../../lib/core/ids.ts';
import type { Lowered, StepDraft } from '../../../lib/core/operations/lowered.ts';
import type {
  LoweringContext,
  OperationKind,
  Refusal,
} from '../../../lib/core/operations/operation-kind.ts';
import type {
  ColumnModel,
  SchemaModel,
  TableModel,
} from '../../../lib/core/operations/schema-model.ts';
import type { SqlParser } from '../../../lib/core/sql/parser.ts';

/** A table that is in use: an integer key `id` and the text columns named. */
export function tableOf(
  name: string,
  columns: readonly string[] = [],
  more: Partial<TableModel> = {},
): TableModel {
  return {
    schema: 'public',
    name,
    physicalName: name,
    kind: 'table',
    partitionOf: undefined,
    partitionKey: undefined,
    partitions: [],
    columns: [
      columnOf('id', { type: 'integer', notNull: true }),
      ...columns.map((each) => columnOf(each)),
    ],
    indexes: [],
    constraints: [],
    referencedBy: [],
    triggers: [],
    dependents: [],
    replicaIdentity: { kind: 'default' },
    rowSecurity: false,
    comment: undefined,
    estimatedRows: 1000,
    isNew: false,
    ...more,
  };
}

export function columnOf(name: string, more: Partial<ColumnModel> = {}): ColumnModel {
  return {
    name,
    physicalName: name,
    type: 'text',
    notNull: false,
    default: undefined,
    generated: undefined,
    identity: undefined,
    collation: undefined,
    comment: undefined,
    changed: false,
    ...more,
  };
}

export function modelOf(
  tables: readonly TableModel[] = [],
  more: Partial<SchemaModel> = {},
): SchemaModel {
  return {
    serverVersion: 18,
    defaultSchema: 'public',
    tables,
    enums: [],
    versions: [],
    ...more,
  };
}

export function contextOf(
  parser: SqlParser,
  model: SchemaModel = modelOf(),
  more: Partial<LoweringContext> = {},
): LoweringContext {
  return {
    parser,
    migrationId: parseMigrationId('0001_test') as MigrationId,
    model,
    before: model,
    versionSchema: undefined,
    ...more,
  };
}

/** What the operation comes down to. @throws when it is refused */
export function lowerTo<Declared>(
  kind: OperationKind<Declared>,
  declared: object,
  context: LoweringContext,
): Lowered {
  const outcome = kind.lower(kind.format.parse(declared), context);
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.why} (${outcome.fix})`);
  return outcome.lowered;
}

/** Why the operation is refused. @throws when it is not */
export function refusalOf<Declared>(
  kind: OperationKind<Declared>,
  declared: object,
  context: LoweringContext,
): Refusal {
  const outcome = kind.lower(kind.format.parse(declared), context);
  if (outcome.kind === 'refused') return outcome;
  throw new Error(`it became ${JSON.stringify(outcome.lowered, undefined, 1)}`);
}

type Phase = 'expand' | 'validate' | 'contract' | 'finalize';

/** The statements of a phase, in order. */
export function acts(lowered: Lowered, phase: Phase): readonly string[] {
  return stepsOf(lowered, phase).flatMap(({ sql, together = [] }) => [sql, ...together]);
}

/** The statements that take a phase back, in the order in which a rollback runs them. */
export function undos(lowered: Lowered, phase: Phase): readonly string[] {
  return stepsOf(lowered, phase)
    .toReversed()
    .flatMap(({ undo }) => (undo.kind === 'statement' ? [undo.sql, ...(undo.together ?? [])] : []));
}

export function stepsOf(lowered: Lowered, phase: Phase): readonly StepDraft[] {
  return (lowered[phase] ?? []).filter((step) => step.kind === 'statement');
}
