import type pg from 'pg';
import type { Traffic, Write } from './clients.ts';

interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[] | null;
}

const COLUMNS = `
select c.relname::text as table, a.attname::text as name,
       format_type(a.atttypid, a.atttypmod) as type,
       (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = a.atttypid) as labels
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relkind in ('r', 'p', 'v') and not c.relispartition and c.relnamespace = $1::text::regnamespace
  and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
order by c.oid, a.attnum`;

type Tables = ReadonlyMap<string, readonly ColumnFacts[]>;

/**
 * A row for each table, with values that are made of the number of the round, so that a foreign key
 * finds its row in the table that came before.
 */
export async function anyTraffic(pool: pg.Pool): Promise<Traffic> {
  const tables = await tablesOf(pool, 'public');
  return { old: [...tables].map(([table, columns]) => ({ sql: insert(table, columns) })), new: [] };
}

/**
 * Rows that the new application writes, changes and takes away again, through the views of its
 * version: nobody else can say what they would have been for the old one.
 */
export async function passingTraffic(pool: pg.Pool, schema: string): Promise<readonly Write[]> {
  const tables = await tablesOf(pool, schema);
  const other = 'select 1';
  const each = [...tables];
  return [
    ...each.map(([table, columns]) => ({ sql: shifted(insert(table, columns)), other })),
    ...each.flatMap(([table, columns]) => {
      const key = keyOf(columns);
      if (key === undefined) return [];
      const column = columns.at(-1) ?? key;
      const sql = `update ${quoted(table)} set ${quoted(column.name)} = ${quoted(column.name)} where ${quoted(key.name)} = ${valueFor(key)}`;
      return [{ sql: shifted(sql), other }];
    }),
    ...each.toReversed().flatMap(([table, columns]) => {
      const key = keyOf(columns);
      if (key === undefined) return [];
      const sql = `delete from ${quoted(table)} where ${quoted(key.name)} = ${valueFor(key)}`;
      return [{ sql: shifted(sql), other }];
    }),
  ];
}

async function tablesOf(pool: pg.Pool, schema: string): Promise<Tables> {
  const { rows } = await pool.query<ColumnFacts & { readonly table: string }>(COLUMNS, [schema]);
  const tables = new Map<string, ColumnFacts[]>();
  for (const column of rows) {
    tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
  }
  return tables;
}

/** The first column, which is the key wherever there is one. */
const keyOf = (columns: readonly ColumnFacts[]) =>
  columns.find((column) => valueFor(column) !== 'null');

/** Far from the rows of the old application. */
const shifted = (sql: string) => sql.replaceAll(/:n\b/g, '9:n');

function insert(table: string, columns: readonly ColumnFacts[]): string {
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  return `insert into ${quoted(table)} (${names}) values (${columns.map(valueFor).join(', ')})`;
}

function valueFor({ name, type, labels }: ColumnFacts): string {
  if (labels !== null) return `'${(labels[0] ?? '').replaceAll("'", "''")}'::${type}`;
  if (/^(?:smallint|integer|bigint|numeric|real|double)/.test(type)) return ':n';
  // Some columns are numbers in the clothes of a text until a migration changes that.
  if (/^(?:character|text)/.test(type)) return name === 'rating' ? `':n'` : `'value :n'`;
  if (type.startsWith('timestamp')) return `timestamp '2026-01-01' + :n * interval '1 second'`;
  if (type.startsWith('time')) return `'12:00:00+00'`;
  if (type === 'boolean') return 'true';
  if (type === 'uuid') return `('00000000-0000-4000-8000-' || lpad(':n', 12, '0'))::uuid`;
  return 'null';
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
