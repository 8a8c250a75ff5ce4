import { type KeyKind, keyKindOf } from '../../core/backfill/key.ts';
import type { KeyColumn, TableName } from '../../core/plan/plan.ts';
import type { Session } from '../../ports/database.ts';
import { describeIndexes, type IndexDescription } from './describe-indexes.ts';
import { PAGE_KEY, PAGE_WALK_FROM } from './page-walk.ts';

/** What a backfill must know about the table that it walks. */
export type BackfillTable =
  | { readonly kind: 'table'; readonly table: TableDescription }
  | { readonly kind: 'missing' }
  /** A view, a foreign table and so on. */
  | { readonly kind: 'not-a-table'; readonly relkind: string }
  /** No primary key and no unique index over NOT NULL columns that an order by could use. */
  | { readonly kind: 'no-usable-key' };

export interface TableDescription {
  /** The columns whose order is walked. */
  readonly key: readonly KeyColumn[];
  /** Name of the index behind it. */
  readonly keyIndex: string;
  readonly keyKind: KeyKind;
  /** Whether neighbours in key order are neighbours on disk, as far as the statistics tell. */
  readonly keyOrder: 'clustered' | 'scattered';
  readonly indexes: readonly IndexDescription[];
  readonly fillfactor: number;
  /** From pg_class.reltuples, summed over partitions; -1 when never analyzed. */
  readonly estimatedRows: number;
  readonly rowsPerPage: number | undefined;
  /** As the statistics have it; 0 when never analyzed. */
  readonly pages: number;
  /** Of the server. */
  readonly pageBytes: number;
  readonly partitioned: boolean;
  /** Of the server, such as 18. */
  readonly serverVersion: number;
  /** Whether a walk of its pages can take the place of one by the key; see stage.ts in core. */
  readonly pagesWalkable: boolean;
}

/**
 * 64 GB. All of a larger table would not be read in one call, and its snapshot would be held for
 * more than some minutes.
 */
const MOST_PAGES = 8_388_608;

/** Below it the order of the key says nothing about the place on disk. */
const CLUSTERED_FROM = 0.3;

/** Rows keep their place on disk, so there is nothing to gain from strides. */
const BY_PAGE = { name: 'the pages of the table', key: PAGE_KEY, hashable: false } as const;

const TABLE_QUERY = `select c.oid::text as oid,
    current_setting('server_version_num')::int4 / 10000 as version, c.relkind::text as relkind,
    current_setting('block_size')::int4 as page_bytes,
    c.relhassubclass as has_children,
    coalesce((select option_value::int4 from pg_options_to_table(c.reloptions)
              where option_name = 'fillfactor'), 100)::int4 as fillfactor,
    sizes.rows::float8 as rows, sizes.pages::float8 as pages, sizes.analyzed as analyzed
  from pg_class c join pg_namespace n on n.oid = c.relnamespace,
  lateral (
    select sum(greatest(leaf.reltuples, 0)) as rows, sum(leaf.relpages) as pages,
           bool_and(leaf.reltuples >= 0) as analyzed
    from pg_class leaf
    where leaf.oid = c.oid and c.relkind <> 'p'
       or c.relkind = 'p' and leaf.oid in
          (select t.relid from pg_partition_tree(c.oid) t where t.isleaf and t.relid <> c.oid)
  ) sizes
  where n.nspname = :schema and c.relname = :name`;

export interface DescribeOptions {
  /**
   * Whether a table without a key may be walked page by page; what must hold for that is said in
   * page-walk.ts. Partitions have pages of their own, so a partitioned table never is. @default false
   */
  readonly byPage?: boolean;
}

/** Reads the catalog; an answer that is no table says why it cannot be walked. */
export async function describeBackfillTable(
  session: Session,
  name: TableName,
  options: DescribeOptions = {},
): Promise<BackfillTable> {
  const [row] = await session.query(TABLE_QUERY, { schema: name.schema, name: name.name });
  if (row === undefined) return { kind: 'missing' };
  const relkind = String(row['relkind']);
  if (relkind !== 'r' && relkind !== 'p') return { kind: 'not-a-table', relkind };
  const oid = String(row['oid']);
  const indexes = await describeIndexes(session, oid);
  const byKey = indexes.find((index) => index.walkable);
  // Tables that inherit have pages of their own.
  const hasPages =
    relkind === 'r' && row['has_children'] === false && Number(row['version']) >= PAGE_WALK_FROM;
  const walked = byKey ?? (hasPages && options.byPage === true ? BY_PAGE : undefined);
  if (walked === undefined) return { kind: 'no-usable-key' };
  const pages = Number(row['pages'] ?? 0);
  const rows = Number(row['rows'] ?? 0);
  return {
    kind: 'table',
    table: {
      key: walked.key,
      keyIndex: walked.name,
      keyKind: keyKindOf(walked.key, walked.hashable),
      keyOrder: walked === BY_PAGE ? 'clustered' : await keyOrder(session, name, walked.key),
      indexes,
      fillfactor: Number(row['fillfactor']),
      estimatedRows: row['analyzed'] === false ? -1 : Math.round(rows),
      rowsPerPage: pages > 0 && rows > 0 ? rows / pages : undefined,
      pages,
      pageBytes: Number(row['page_bytes']),
      partitioned: relkind === 'p',
      serverVersion: Number(row['version']),
      pagesWalkable: hasPages && pages <= MOST_PAGES,
    },
  };
}

async function keyOrder(
  session: Session,
  name: TableName,
  key: readonly KeyColumn[],
): Promise<'clustered' | 'scattered'> {
  const [first] = key;
  const [row] = await session.query(
    `select correlation::float8 as correlation from pg_stats
     where schemaname = :schema and tablename = :name and attname = :column and not inherited`,
    { schema: name.schema, name: name.name, column: first?.name ?? '' },
  );
  const correlation = row?.['correlation'];
  if (typeof correlation === 'number') {
    return Math.abs(correlation) < CLUSTERED_FROM ? 'scattered' : 'clustered';
  }
  // Not analyzed: most uuids in the wild are random (version 4), most other keys grow.
  return first?.type === 'uuid' ? 'scattered' : 'clustered';
}
