/** A kind of table that a backfill meets. */
export type ShapeName = 'bigint' | 'uuid' | 'fillfactor' | 'indexed' | 'unanalyzed';

export interface Shape {
  readonly name: ShapeName;
  readonly title: string;
  readonly keyType: 'bigint' | 'integer' | 'uuid';
  readonly target: Target;
  /** One statement an entry, for a table of `rows` rows. */
  statements(rows: number, seed: number): readonly string[];
}

/** The column that is filled, and with what. */
export interface Target {
  readonly column: string;
  readonly expression: string;
}

const LOWERED: Target = { column: 'email_lower', expression: 'lower(email)' };

/** The tables differ in one thing each. */
export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  bigint: shape('bigint', 'bigint key, two more indexes', {}),
  uuid: shape('uuid', 'uuid key in random order', { keyType: 'uuid' }),
  fillfactor: shape('fillfactor', 'fillfactor 70', { fillfactor: 70 }),
  indexed: shape('indexed', 'the filled column is indexed', { indexed: true }),
  unanalyzed: neverAnalyzed(),
};

interface Differences {
  readonly keyType?: Shape['keyType'];
  readonly fillfactor?: number;
  readonly indexed?: boolean;
}

/**
 * About 170 bytes a row and two indexes beside the key. Autovacuum is off: when it runs decides
 * more about a single run than what is compared, and without it the bloat is all to be seen.
 */
function shape(name: ShapeName, title: string, differences: Differences): Shape {
  const { keyType = 'bigint', fillfactor = 100, indexed = false } = differences;
  return {
    name,
    title,
    keyType,
    target: LOWERED,
    statements: (rows, seed) => {
      const create = `create table items (id ${keyType} not null, email text not null, status int not null,
        created_at timestamptz not null, payload text not null, ${LOWERED.column} text)
        with (fillfactor = ${fillfactor}, autovacuum_enabled = off)`;
      const insert = `insert into items select ${keyType === 'uuid' ? `md5(n || '/${seed}')::uuid` : 'n'},
        'User.' || n || '@Example.com', n % 7, timestamptz '2024-01-01' + n * interval '1 second',
        repeat(md5(n::text), 3), null from generate_series(1, ${rows}) n`;
      return [
        create,
        insert,
        'alter table items add primary key (id)',
        'create index items_email on items (email)',
        'create index items_created on items (created_at, status)',
        ...(indexed ? [`create index items_target on items (${LOWERED.column})`] : []),
        'vacuum analyze items',
      ];
    },
  };
}

/**
 * The table of pgroll's own benchmark (internal/benchmarks): a key and a name that is missing
 * everywhere, just loaded. The key comes before the rows: making an index would count them.
 */
function neverAnalyzed(): Shape {
  const target: Target = {
    column: 'email_known',
    expression: "case when email is null then 'placeholder' else email end",
  };
  return {
    name: 'unanalyzed',
    title: 'never analyzed',
    keyType: 'integer',
    target,
    statements: (rows) => [
      `create table items (id serial primary key, email varchar(255), ${target.column} varchar(255))
        with (autovacuum_enabled = off)`,
      `insert into items (email) select null from generate_series(1, ${rows})`,
    ],
  };
}

/** What keeps new writes in sync while a backfill runs; it names the columns that it depends on. */
export const SYNC_TRIGGER: readonly string[] = [
  `create function sync_items() returns trigger language plpgsql as $$
   begin new.${LOWERED.column} := lower(new.email); return new; end $$`,
  `create trigger sync_items before insert or update of email on items
   for each row execute function sync_items()`,
];
