import { z } from 'zod';
import { part, word } from '../migration/format/vocabulary.ts';
import { quoteName } from '../sql/sql-name.ts';
import { TableNameFormat } from './column-format.ts';
import { isRefusal, requireTable } from './find-table.ts';
import type { StepDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';
import { nameFormat } from './relation-name.ts';
import {
  findColumn,
  type IndexModel,
  physicalTable,
  type ReplicaIdentity,
  type TableModel,
  withTable,
} from './schema-model.ts';

const IdentityFormat = part('a mapping with type', {
  type: z
    .string({ error: 'default, full, nothing or index' })
    .transform((written) => written.toLowerCase())
    .pipe(word(['default', 'full', 'nothing', 'index'])),
  index: nameFormat('the name of an index').optional().describe('Only with type: index.'),
});

const Format = part('a mapping with table and identity', {
  table: TableNameFormat,
  identity: IdentityFormat,
}).meta({
  id: 'set_replica_identity',
  description: 'Says what logical replication knows an old row by; at once, for both applications.',
});

/** In expand, for both applications: it changes what is written to the log, and no query. */
export const setReplicaIdentity = operationKind({
  name: 'set_replica_identity',
  format: Format,
  lower: (
    { table: written, identity }: z.output<typeof Format>,
    context: LoweringContext,
  ): LoweringOutcome => {
    const table = requireTable(context, written);
    if (isRefusal(table)) return table;
    const wanted = identityOf(identity, table);
    if (isRefusal(wanted)) return wanted;
    const set = (to: ReplicaIdentity) =>
      `alter table ${physicalTable(context.model, table)} replica identity ${identityWords(to)}`;
    const step: StepDraft = {
      kind: 'statement',
      id: 'set',
      sql: set(wanted),
      undo: table.isNew
        ? { kind: 'nothing', why: 'the table itself is dropped' }
        : { kind: 'statement', sql: set(table.replicaIdentity) },
    };
    const after = withTable(context.model, { ...table, replicaIdentity: wanted });
    return lowered(
      isBuiltLate(wanted, table) ? { validate: [step], after } : { expand: [step], after },
    );
  },
});

function identityWords(identity: ReplicaIdentity): string {
  return identity.kind === 'index' ? `using index ${quoteName(identity.index)}` : identity.kind;
}

function identityOf(
  { type, index }: z.output<typeof IdentityFormat>,
  table: TableModel,
): ReplicaIdentity | Refusal {
  const path = ['identity', 'index'];
  if (type !== 'index') {
    return index === undefined
      ? { kind: type }
      : refuse(`index means nothing for ${type}`, { path });
  }
  if (index === undefined) return refuse('type: index needs the name of an index', { path });
  const found = table.indexes.find(({ name }) => name === index);
  if (found === undefined) {
    return refuse(`there is no index ${index} on the table ${table.name}`, { path });
  }
  const why = whyNotIdentity(found, table);
  return why === undefined
    ? { kind: 'index', index }
    : refuse(`the index ${index} cannot identify rows of ${table.name}: ${why}`, {
        path,
        fix: 'a unique index over NOT NULL columns, for all rows; or full',
      });
}

function whyNotIdentity(index: IndexModel, table: TableModel): string | undefined {
  if (!index.unique) return 'it is not unique';
  if (!index.valid) return 'it is not valid';
  if (/\) where /i.test(index.definition)) return 'it is not over all rows';
  const nullable = index.columns.find((column) => findColumn(table, column)?.notNull !== true);
  return nullable === undefined ? undefined : `${nullable} may be NULL`;
}

/** An index over columns that this migration fills is built after the backfill. */
function isBuiltLate(identity: ReplicaIdentity, table: TableModel): boolean {
  const index = table.indexes.find(
    ({ name }) => identity.kind === 'index' && name === identity.index,
  );
  return (
    !table.isNew &&
    (index?.columns ?? []).some((column) => findColumn(table, column)?.changed === true)
  );
}
