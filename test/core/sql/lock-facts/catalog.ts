import type {
  CatalogView,
  ColumnFacts,
  ConstraintFacts,
  RelationFacts,
  TypeFacts,
} from '../../../../lib/core/sql/catalog.ts';
import type { SqlName } from '../../../../lib/core/sql/sql-name.ts';

/** What a catalog knows after the `setup` of test/data/lock-facts.json. */
export const MEASURED_CATALOG: CatalogView = {
  relation: ({ name }) => RELATIONS.get(name),
  type: ({ name }) => TYPES.get(name),
  volatility: () => undefined,
};

const named = (name: string): SqlName => ({ schema: undefined, name });

function relation(name: string, facts: Partial<RelationFacts>): [string, RelationFacts] {
  const defaults: RelationFacts = {
    kind: 'table',
    name: named(name),
    table: undefined,
    columns: [],
    indexes: [],
    constraints: [],
    referencedBy: [],
    children: [],
    reads: [],
    partitioning: undefined,
    tablespace: 'pg_default',
    estimatedRows: 1000,
  };
  return [name, { ...defaults, ...facts }];
}

function columns(types: Readonly<Record<string, string>>, ...notNull: string[]): ColumnFacts[] {
  return Object.entries(types).map(([name, type]) => ({
    name,
    type,
    notNull: notNull.includes(name),
  }));
}

function index(name: string, column: string, unique = true) {
  return { name: named(name), unique, columns: [column] };
}

function constraint(
  name: string,
  kind: ConstraintFacts['kind'],
  column: string,
  definition: string,
  more: Partial<ConstraintFacts> = {},
): ConstraintFacts {
  return {
    name,
    kind,
    columns: [column],
    definition,
    validated: true,
    references: undefined,
    ...more,
  };
}

const RELATIONS: ReadonlyMap<string, RelationFacts> = new Map([
  relation('o', {
    columns: columns({ id: 'bigint', x: 'integer' }, 'id'),
    indexes: [index('o_pkey', 'id')],
    constraints: [constraint('o_pkey', 'primary-key', 'id', 'PRIMARY KEY (id)')],
    referencedBy: [named('t')],
  }),
  relation('t', {
    columns: columns(
      {
        id: 'bigint',
        a: 'integer',
        b: 'character varying(50)',
        c: 'text',
        n: 'numeric(10,2)',
        ts: 'timestamp without time zone',
        tz: 'timestamp with time zone',
        ip: 'cidr',
        oid_: 'bigint',
        u: 'integer',
        j: 'integer',
      },
      'id',
      'u',
    ),
    indexes: [
      index('t_pkey', 'id'),
      index('t_a_idx', 'a', false),
      index('t_u_idx', 'u'),
      index('t_b_idx', 'b', false),
      index('t_j_idx', 'j'),
    ],
    constraints: [
      constraint('t_pkey', 'primary-key', 'id', 'PRIMARY KEY (id)'),
      constraint('ck_nv', 'check', 'a', 'CHECK ((a > 0)) NOT VALID', { validated: false }),
      constraint('a_nn', 'check', 'a', 'CHECK ((a IS NOT NULL))'),
      constraint('fk_nv', 'foreign-key', 'oid_', 'FOREIGN KEY (oid_) REFERENCES o(id) NOT VALID', {
        validated: false,
        references: named('o'),
      }),
    ],
  }),
  relation('t_a_idx', { kind: 'index', table: named('t') }),
  relation('td', { columns: columns({ id: 'integer', d: 'dm' }) }),
  relation('p', {
    kind: 'partitioned-table',
    columns: columns({ id: 'integer', k: 'integer' }),
    children: [named('p1'), named('pdef')],
    partitioning: { key: ['k'], defaultPartition: named('pdef') },
  }),
  ...['p1', 'p2', 'pdef'].map((name) =>
    relation(name, { columns: columns({ id: 'integer', k: 'integer' }) }),
  ),
  relation('p3', {
    columns: columns({ id: 'integer', k: 'integer' }),
    constraints: [
      constraint('p3k', 'check', 'k', 'CHECK (((k IS NOT NULL) AND (k >= 20) AND (k < 30)))'),
    ],
  }),
  relation('mv', {
    kind: 'materialized-view',
    columns: columns({ id: 'bigint', a: 'integer' }),
    indexes: [index('mv_id', 'id')],
    reads: [named('t')],
  }),
  relation('vw', { kind: 'view', columns: columns({ id: 'bigint' }), reads: [named('t')] }),
]);

const TYPES: ReadonlyMap<string, TypeFacts> = new Map<string, TypeFacts>([
  ['st', { kind: 'enum', constrained: false, usedBy: [] }],
  ['dm', { kind: 'domain', constrained: false, usedBy: [named('td')] }],
]);
