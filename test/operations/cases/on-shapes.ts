import type { Write } from '../../support/life-cycle/clients.ts';
import type { OperationCase } from '../operation-case.ts';
import { insertInto, quote, SHAPES, type Shape } from '../shapes.ts';

/** Numbers of the new application's rows, far from those of the old one. */
const NEW = 100_000;

/** One change on one shape of table. */
type OnShape = (shape: Shape) => Omit<OperationCase, 'name' | 'schema'>;

const q = quote;

/** What both versions do without noticing the change: rows come, change and go. */
function everyday(shape: Shape, offset = 0, into: string = shape.table): readonly Write[] {
  const { num, txt } = shape;
  const at = (back: number) => `${q(num)} = ${offset} + :n - ${back}`;
  return [
    { sql: insertInto(shape, { [txt]: `'w' || :n` }, { offset, into }) },
    { sql: `update ${into} set ${q(txt)} = ${q(txt)} || '!' where ${at(1)}` },
    { sql: `delete from ${into} where ${at(5)}` },
  ];
}

const nothing = { old: [], new: [] } as const;

const addNullable: OnShape = (shape) => {
  const { table, written, txt } = shape;
  const insert = (values: Readonly<Record<string, string>>, offset = 0) =>
    insertInto(shape, values, { offset });
  return {
    operations: [
      {
        add_column: {
          table: written,
          up: `upper(${q(txt)})`,
          column: { name: 'extra', type: 'varchar(80)', nullable: true },
        },
      },
    ],
    plain: `alter table ${table} add column extra varchar(80); update ${table} set extra = upper(${q(txt)})`,
    traffic: {
      old: [
        {
          sql: insert({ [txt]: `'o' || :n` }),
          other: insert({ [txt]: `'o' || :n`, extra: `upper('o' || :n)` }),
        },
        {
          sql: `update ${table} set ${q(txt)} = 'again' where ${q(shape.num)} = :n - 1`,
          other: `update ${table} set ${q(txt)} = 'again', extra = 'AGAIN' where ${q(shape.num)} = :n - 1`,
        },
      ],
      new: [
        {
          sql: insert({ [txt]: `'n'`, extra: `'mine ' || :n` }, NEW),
          other: insert({ [txt]: `'n'` }, NEW),
        },
      ],
    },
    unpredictable: ['touched'],
  };
};

const addRequired: OnShape = (shape) => {
  const { table, written, txt } = shape;
  return {
    operations: [
      {
        add_column: {
          table: written,
          column: {
            name: 'stock',
            type: 'integer',
            default: '7',
            check: { name: 'stock_check', constraint: 'stock >= 0' },
          },
        },
      },
    ],
    plain: `alter table ${table} add column stock integer not null default 7 constraint stock_check check (stock >= 0)`,
    traffic: {
      old: everyday(shape),
      new: [
        {
          sql: insertInto(shape, { [txt]: `'n'`, stock: '3' }, { offset: NEW }),
          other: insertInto(shape, { [txt]: `'n'` }, { offset: NEW }),
        },
      ],
    },
  };
};

const dropText: OnShape = (shape) => {
  const { table, written, txt } = shape;
  return {
    operations: [{ drop_column: { table: written, column: txt, down: `'gone'` } }],
    // The search path of the version tells an INSERT of the new application from one with a NULL.
    versioned: true,
    plain: `alter table ${table} drop column ${q(txt)}`,
    traffic: {
      old: [
        { sql: insertInto(shape, { [txt]: `'o' || :n` }), other: insertInto(shape, {}) },
        {
          sql: `update ${table} set ${q(txt)} = 'again' where ${q(shape.num)} = :n - 1`,
          other: 'select 1',
        },
      ],
      new: [
        {
          sql: insertInto(shape, {}, { offset: NEW }),
          other: insertInto(shape, { [txt]: `'gone'` }, { offset: NEW }),
        },
      ],
    },
    unpredictable: ['touched'],
  };
};

const renameText =
  (versioned: boolean): OnShape =>
  (shape) => {
    const { table, written, txt } = shape;
    const view = versioned ? versionTable(shape) : table;
    return {
      operations: [{ rename_column: { table: written, from: txt, to: 'renamed' } }],
      versioned,
      plain: `alter table ${table} rename column ${q(txt)} to renamed`,
      traffic: {
        old: [
          {
            sql: insertInto(shape, { [txt]: `'o' || :n` }),
            other: insertInto(shape, { renamed: `'o' || :n` }),
          },
          {
            sql: `update ${table} set ${q(txt)} = 'again' where ${q(shape.num)} = :n - 1`,
            other: `update ${table} set renamed = 'again' where ${q(shape.num)} = :n - 1`,
          },
        ],
        new: [
          {
            sql: insertInto(shape, { renamed: `'n' || :n` }, { offset: NEW, into: view }),
            other: insertInto(shape, { [txt]: `'n' || :n` }, { offset: NEW }),
          },
          {
            sql: `update ${view} set renamed = 'more' where ${q(shape.num)} = ${NEW} + :n - 2`,
            other: `update ${table} set ${q(txt)} = 'more' where ${q(shape.num)} = ${NEW} + :n - 2`,
          },
        ],
      },
      unpredictable: ['touched'],
    };
  };

/** Without its schema, so that the search path of the version finds the view. */
function versionTable({ table }: Shape): string {
  return table;
}

const changeType: OnShape = (shape) => {
  const { table, written, num, txt } = shape;
  return {
    operations: [
      {
        alter_column: {
          table: written,
          column: txt,
          type: 'bytea',
          up: `convert_to(${q(txt)}, 'UTF8')`,
          down: `convert_from(${q(txt)}, 'UTF8')`,
        },
      },
    ],
    newFrom: 'contract',
    plain: `alter table ${table} alter column ${q(txt)} type bytea using convert_to(${q(txt)}, 'UTF8')`,
    traffic: {
      old: [
        {
          sql: insertInto(shape, { [txt]: `'o' || :n` }),
          other: insertInto(shape, { [txt]: `convert_to('o' || :n, 'UTF8')` }),
        },
        {
          sql: `update ${table} set ${q(txt)} = 'again' where ${q(num)} = :n - 1`,
          other: `update ${table} set ${q(txt)} = 'again'::bytea where ${q(num)} = :n - 1`,
        },
      ],
      new: [
        {
          sql: insertInto(shape, { [txt]: `'\\x6e'` }, { offset: NEW }),
          other: insertInto(shape, { [txt]: `'n'` }, { offset: NEW }),
        },
      ],
    },
    unpredictable: ['touched'],
  };
};

const requireText: OnShape = (shape) => {
  const { table, written, num, txt } = shape;
  return {
    operations: [
      {
        alter_column: {
          table: written,
          column: txt,
          nullable: false,
          up: `coalesce(${q(txt)}, 'none')`,
          down: q(txt),
        },
      },
    ],
    newFrom: 'contract',
    plain: `update ${table} set ${q(txt)} = 'none' where ${q(txt)} is null; alter table ${table} alter column ${q(txt)} set not null`,
    traffic: {
      old: [
        { sql: insertInto(shape, {}), other: insertInto(shape, { [txt]: `'none'` }) },
        { sql: `update ${table} set ${q(txt)} = 'again' where ${q(num)} = :n - 1` },
        {
          sql: `update ${table} set ${q(txt)} = null where ${q(num)} = :n - 2`,
          other: `update ${table} set ${q(txt)} = 'none' where ${q(num)} = :n - 2`,
        },
      ],
      new: [{ sql: insertInto(shape, { [txt]: `'n'` }, { offset: NEW }) }],
    },
    unpredictable: ['touched'],
  };
};

const checkText: OnShape = (shape) => {
  const { table, written, txt } = shape;
  return {
    operations: [
      {
        alter_column: {
          table: written,
          column: txt,
          check: { name: 'txt_length', constraint: `length(${q(txt)}) > 3` },
          up: `lpad(${q(txt)}, greatest(length(${q(txt)}), 4), '-')`,
          down: q(txt),
        },
      },
    ],
    newFrom: 'contract',
    plain: `update ${table} set ${q(txt)} = lpad(${q(txt)}, greatest(length(${q(txt)}), 4), '-'); alter table ${table} add constraint txt_length check (length(${q(txt)}) > 3)`,
    traffic: {
      old: [
        { sql: insertInto(shape, { [txt]: `'o'` }), other: insertInto(shape, { [txt]: `'---o'` }) },
      ],
      new: [{ sql: insertInto(shape, { [txt]: `'newer'` }, { offset: NEW }) }],
    },
    unpredictable: ['touched'],
  };
};

const changeDefault: OnShape = (shape) => ({
  operations: [
    { alter_column: { table: shape.written, column: shape.txt, default: `'fresh'` } },
    { alter_column: { table: shape.written, column: shape.num, comment: 'how many' } },
  ],
  plain: `alter table ${shape.table} alter column ${q(shape.txt)} set default 'fresh'; comment on column ${shape.table}.${q(shape.num)} is 'how many'`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const createIndex: OnShape = (shape) => ({
  operations: [
    {
      create_index: {
        name: 'txt_index',
        table: shape.written,
        columns: [{ column: shape.txt, sort: 'DESC' }],
        predicate: `${q(shape.num)} > 5`,
      },
    },
  ],
  plain: `create index txt_index on ${shape.table} (${q(shape.txt)} desc) where ${q(shape.num)} > 5`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const dropIndex: OnShape = (shape) => ({
  operations: [{ drop_index: { name: inSchemaOf(shape, 'num_index') } }],
  plain: `drop index ${schemaPrefix(shape)}num_index`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const schemaPrefix = (shape: Shape) => (shape === SHAPES.elsewhere ? '"Billing".' : '');
const inSchemaOf = (shape: Shape, name: string) =>
  shape === SHAPES.elsewhere ? `Billing.${name}` : name;

const createCheck: OnShape = (shape) => ({
  operations: [
    {
      create_constraint: {
        table: shape.written,
        name: 'num_small',
        type: 'check',
        columns: [shape.num],
        check: `${q(shape.num)} < 10000000`,
      },
    },
  ],
  plain: `alter table ${shape.table} add constraint num_small check (${q(shape.num)} < 10000000)`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const dropCheck: OnShape = (shape) => ({
  operations: [{ drop_constraint: { table: shape.written, name: 'num_positive' } }],
  plain: `alter table ${shape.table} drop constraint num_positive`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const renameConstraint: OnShape = (shape) => ({
  operations: [
    { rename_constraint: { table: shape.written, from: 'num_positive', to: 'num_good' } },
  ],
  plain: `alter table ${shape.table} rename constraint num_positive to num_good`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const replicaIdentity: OnShape = (shape) => ({
  operations: [{ set_replica_identity: { table: shape.written, identity: { type: 'full' } } }],
  plain: `alter table ${shape.table} replica identity full`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const renameTable: OnShape = (shape) => {
  const to = `${schemaPrefix(shape)}renamed_items`;
  const news = everyday(shape, NEW, to);
  const olds = everyday(shape, NEW);
  return {
    operations: [{ rename_table: { from: shape.written, to: 'renamed_items' } }],
    plain: `alter table ${shape.table} rename to renamed_items`,
    traffic: {
      old: everyday(shape).map(({ sql }, index) => ({
        sql,
        other: everyday(shape, 0, to)[index]?.sql ?? sql,
      })),
      new: news.map(({ sql }, index) => ({ sql, other: olds[index]?.sql ?? sql })),
    },
  };
};

const dropTable: OnShape = (shape) => ({
  operations: [{ drop_table: { name: shape.written } }],
  plain: `drop table ${shape.table}`,
  traffic: {
    old: everyday(shape).map(({ sql }) => ({ sql, other: 'select 1' })),
    new: nothing.new,
  },
});

const sqlOperation: OnShape = (shape) => ({
  operations: [
    {
      sql: {
        up: `create table notes_of_${shape.name.length} (id bigint primary key, body text)`,
        down: `drop table notes_of_${shape.name.length}`,
      },
    },
  ],
  plain: `create table notes_of_${shape.name.length} (id bigint primary key, body text)`,
  traffic: { old: everyday(shape), new: everyday(shape, NEW) },
});

const CHANGES: Readonly<Record<string, OnShape>> = {
  'add_column, filled by up': addNullable,
  'add_column, required with a default': addRequired,
  'drop_column with down': dropText,
  rename_column: renameText(false),
  'rename_column, versioned': renameText(true),
  'alter_column type': changeType,
  'alter_column not null': requireText,
  'alter_column check': checkText,
  'alter_column default and comment': changeDefault,
  create_index: createIndex,
  drop_index: dropIndex,
  'create_constraint check': createCheck,
  'drop_constraint check': dropCheck,
  rename_constraint: renameConstraint,
  set_replica_identity: replicaIdentity,
  rename_table: renameTable,
  drop_table: dropTable,
  sql: sqlOperation,
};

/** An index of a partitioned table cannot be dropped concurrently: the operation says so. */
const refused = (change: string, shape: Shape) =>
  change === 'drop_index' && shape === SHAPES.partitioned;

/** Every change on every shape. */
export const CASES_ON_SHAPES: readonly OperationCase[] = Object.entries(CHANGES).flatMap(
  ([change, onShape]) =>
    Object.values(SHAPES)
      .filter((shape: Shape) => !refused(change, shape))
      .map((shape: Shape) => ({
        name: `${change}: ${shape.name}`,
        schema: shape.schema,
        ...onShape(shape),
      })),
);
