import { VERSION_COMMENT } from '../../core/operations/names.ts';
import type { SchemaModel, TableModel } from '../../core/operations/schema-model.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import type { Session } from '../../ports/database.ts';
import { ENUMS, SERVER, TABLE_FACTS, TABLES, VERSIONS } from './queries.ts';

/** About 30 KiB of facts a wide table: 20 of them stay below the 1 MiB of one Data API result. */
const TABLES_A_QUERY = 20;

/**
 * The schema that operations are lowered against, as the catalog knows it now. Reads only.
 * @param schemas besides the default schema, those that the operations name
 */
export async function readSchemaModel(
  session: Session,
  schemas: readonly string[] = [],
): Promise<SchemaModel> {
  const [server] = await session.query(SERVER);
  const defaultSchema = String(server?.['schema']);
  const wanted = JSON.stringify([...new Set([defaultSchema, ...schemas])]);
  const versions = await session.query(VERSIONS, { comment: VERSION_COMMENT });
  const enums = await session.query(ENUMS, { schemas: wanted });
  const oids = (await session.query(TABLES, { schemas: wanted })).map((row) => String(row['oid']));
  return {
    serverVersion: Number(server?.['version']),
    defaultSchema,
    tables: await readTables(session, oids),
    enums: enums.map((row) => ({
      schema: String(row['schema']),
      name: String(row['name']),
      labels: JSON.parse(String(row['labels'])) as string[],
    })),
    usage: JSON.parse(String(server?.['usage'])) as string[],
    versions: versions.map((row) => ({
      schema: String(row['schema']),
      of: String(row['of']),
      views: JSON.parse(String(row['views'])) as string[],
    })),
  };
}

interface Fact {
  readonly kind: string;
  readonly item: unknown;
}

async function readTables(
  session: Session,
  oids: readonly string[],
): Promise<readonly TableModel[]> {
  const facts = new Map<string, Fact[]>(oids.map((oid) => [oid, []]));
  for (let from = 0; from < oids.length; from += TABLES_A_QUERY) {
    const page = oids.slice(from, from + TABLES_A_QUERY);
    for (const row of await session.query(TABLE_FACTS, { oids: JSON.stringify(page) })) {
      const item: unknown = JSON.parse(String(row['item']));
      facts.get(String(row['oid']))?.push({ kind: String(row['fact']), item });
    }
  }
  return [...facts.values()].flatMap((each) => tableOf(each) ?? []);
}

/** As TABLE_FACTS builds it; what is missing is null. */
interface StoredTable {
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  readonly partitionOf: SqlName | null;
  readonly partitionKey: string | null;
  readonly replicaIdentity: 'd' | 'f' | 'n' | 'i';
  readonly replicaIndex: string | null;
  readonly rowSecurity: boolean;
  readonly comment: string | null;
  readonly estimatedRows: number;
}

/** Undefined: dropped between two queries. */
function tableOf(facts: readonly Fact[]): TableModel | undefined {
  // Sound: every item of a kind has the shape that TABLE_FACTS builds for it.
  const all = <T>(kind: string) =>
    facts
      .filter((fact) => fact.kind === kind)
      .map(({ item }) => withoutNulls(item as Record<string, unknown>) as T);
  const [table] = all<StoredTable>('table');
  if (table === undefined) return undefined;
  return {
    schema: table.schema,
    name: table.name,
    physicalName: table.name,
    kind: table.partitioned ? 'partitioned-table' : 'table',
    partitionOf: table.partitionOf ?? undefined,
    partitionKey: table.partitionKey ?? undefined,
    partitions: all('partition'),
    columns: all<TableModel['columns'][number]>('column').map((column) => ({
      ...column,
      physicalName: column.name,
      changed: false,
    })),
    indexes: all('index'),
    constraints: all('constraint'),
    referencedBy: all('reference'),
    triggers: all('trigger'),
    dependents: all('dependent'),
    replicaIdentity: replicaIdentityOf(table),
    rowSecurity: table.rowSecurity,
    comment: table.comment ?? undefined,
    estimatedRows: table.estimatedRows,
    isNew: false,
    grants: all('grant'),
  };
}

function withoutNulls(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, value === null ? undefined : value]),
  );
}

const REPLICA_IDENTITIES = { d: 'default', f: 'full', n: 'nothing' } as const;

function replicaIdentityOf({ replicaIdentity, replicaIndex }: StoredTable) {
  return replicaIdentity === 'i'
    ? ({ kind: 'index', index: String(replicaIndex) } as const)
    : ({ kind: REPLICA_IDENTITIES[replicaIdentity] } as const);
}
