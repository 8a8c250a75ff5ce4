/**
 * Tables as they are found in the world. All have a number and a text, under names of their own; they
 * differ in their keys, their names, where they are, and what else is on them.
 */
export interface Shape {
  readonly name: string;
  /** For SQL: quoted, with its schema. */
  readonly table: string;
  /** As operations name it. */
  readonly written: string;
  /** The number, as the catalog stores its name: NOT NULL and positive by constraint `num_positive`. */
  readonly num: string;
  /** The text, as the catalog stores its name: may be NULL. */
  readonly txt: string;
  /** Further columns and values of a row; `:n` is its number. */
  readonly key: Readonly<Record<string, string>>;
  readonly schema: string;
}

export const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

interface Made {
  readonly name: string;
  readonly schemaName?: string;
  readonly tableName?: string;
  readonly num?: string;
  readonly txt?: string;
  /** Columns besides the two, and constraints. */
  readonly columns: string;
  readonly key: Readonly<Record<string, string>>;
  readonly suffix?: string;
  readonly before?: string;
  readonly after?: (table: string) => string;
}

const ROWS = 30;

function shape(made: Made): Shape {
  const { name, schemaName, tableName = 'items', num = 'num', txt = 'txt' } = made;
  const table =
    schemaName === undefined ? quote(tableName) : `${quote(schemaName)}.${quote(tableName)}`;
  const keys = Object.entries(made.key);
  const columns = [...keys.map(([column]) => column), quote(num), quote(txt)].join(', ');
  const values = [
    ...keys.map(([, value]) => value.replaceAll(/:n\b/g, 'i')),
    'i',
    `case when i % 3 = 0 then null else 'text ' || i end`,
  ].join(', ');
  return {
    name,
    table,
    written: [schemaName, tableName]
      .filter((part) => part !== undefined)
      .map((part) => (/[."]/.test(part) ? quote(part) : part))
      .join('.'),
    num,
    txt,
    key: made.key,
    schema: [
      ...(schemaName === undefined ? [] : [`create schema ${quote(schemaName)}`]),
      ...(made.before === undefined ? [] : [made.before]),
      `create table ${table} (${made.columns}, ${quote(num)} integer not null
         constraint num_positive check (${quote(num)} > 0), ${quote(txt)} text)${made.suffix ?? ''}`,
      ...(made.after === undefined ? [] : [made.after(table)]),
      `create index num_index on ${table} (${quote(num)})`,
      `insert into ${table} (${columns}) select ${values} from generate_series(1, ${ROWS}) i`,
      `analyze ${table}`,
    ].join(';\n'),
  };
}

/** 63 bytes, some of them parts of one character. */
const LONG = (letter: string) => `${letter}${'é'.repeat(31)}`;
const UUID = `('00000000-0000-4000-8000-' || lpad(:n::text, 12, '0'))::uuid`;

export const SHAPES = {
  plain: shape({ name: 'a table with a key', columns: 'id bigint primary key', key: { id: ':n' } }),
  noKey: shape({ name: 'a table without a key', columns: 'mark integer', key: { mark: ':n' } }),
  composite: shape({
    name: 'a composite key',
    columns: 'tenant smallint, id bigint, primary key (tenant, id)',
    key: { tenant: ':n % 3', id: ':n' },
  }),
  uuid: shape({ name: 'a uuid key', columns: 'id uuid primary key', key: { id: UUID } }),
  partitioned: shape({
    name: 'a partitioned table',
    columns: 'id bigint primary key',
    key: { id: ':n' },
    suffix: ' partition by range (id)',
    after: (table) =>
      `create table items_low partition of ${table} for values from (minvalue) to (1500);
       create table items_high partition of ${table} default`,
  }),
  selfReference: shape({
    name: 'a foreign key to itself',
    columns: 'id bigint primary key, parent bigint references items on delete set null',
    key: { id: ':n', parent: 'nullif(least(:n - 1, 1), 0)' },
  }),
  quoted: shape({
    name: 'quoted and non-ASCII names',
    tableName: 'Größe "x".y',
    num: 'select',
    txt: 'Straße "5%"',
    columns: '"Id" bigint primary key',
    key: { '"Id"': ':n' },
  }),
  long: shape({
    name: 'names of 63 bytes',
    tableName: LONG('t'),
    num: LONG('n'),
    txt: LONG('x'),
    columns: `${quote(LONG('k'))} bigint primary key`,
    key: { [quote(LONG('k'))]: ':n' },
  }),
  elsewhere: shape({
    name: 'a table in another schema',
    schemaName: 'Billing',
    columns: 'id bigint primary key',
    key: { id: ':n' },
  }),
  generated: shape({
    name: 'generated and identity columns',
    columns: `id bigint generated always as identity, ref bigint primary key,
      doubled bigint generated always as (ref * 2) stored`,
    key: { ref: ':n' },
  }),
  types: shape({
    name: 'domains, enums, arrays and jsonb',
    before: `create domain positive as integer check (value > 0);
      create type mood as enum ('sad', 'ok', 'happy')`,
    columns: `id positive primary key, mood mood not null default 'ok', tags text[] not null default '{}',
      data jsonb`,
    key: { id: ':n', tags: `array['a', :n::text]`, data: `jsonb_build_object('n', :n)` },
  }),
  guarded: shape({
    name: 'row security, a trigger and a view',
    columns: 'id bigint primary key, touched integer not null default 0',
    key: { id: ':n' },
    after: (table) =>
      `alter table ${table} enable row level security;
       create policy everybody on ${table} using (true);
       create function touch() returns trigger language plpgsql as $$
         begin new.touched := old.touched + 1; return new; end $$;
       create trigger touch before update on ${table} for each row execute function touch()`,
  }),
} as const satisfies Record<string, Shape>;

/** An INSERT with the key, the number `:n` and what else is given. @param values SQL by column name */
export function insertInto(
  { table, key, num }: Shape,
  values: Readonly<Record<string, string>>,
  more: { readonly offset?: number; readonly into?: string } = {},
): string {
  const { offset = 0, into = table } = more;
  const all: Readonly<Record<string, string>> = {
    ...key,
    [quote(num)]: ':n',
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [quote(name), value])),
  };
  const shifted = (sql: string) =>
    sql.replaceAll(/:n\b/g, offset === 0 ? ':n' : `(:n + ${offset})`);
  return `insert into ${into} (${Object.keys(all).join(', ')}) values (${Object.values(all).map(shifted).join(', ')})`;
}
