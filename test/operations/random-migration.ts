import fc from 'fast-check';
import type { Death } from '../support/life-cycle/deaths.ts';
import type { OperationCase } from './operation-case.ts';

type Type = 'integer' | 'text' | 'boolean';

interface Column {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
}

/** One operation, and the SQL that does the same at once. */
interface Change {
  readonly operation: Readonly<Record<string, object>>;
  readonly plain: string;
}

const VALUES: Readonly<Record<Type, string>> = {
  integer: ':n',
  text: `'v:n'`,
  boolean: ':n % 2 = 0',
};
const CONSTANTS: Readonly<Record<Type, string>> = {
  integer: '7',
  text: `'none'`,
  boolean: 'false',
};

const columns = fc
  .array(fc.tuple(fc.constantFrom<Type>('integer', 'text', 'boolean'), fc.boolean()), {
    minLength: 2,
    maxLength: 5,
  })
  .map((chosen) =>
    chosen.map(([type, nullable], index): Column => ({ name: `c${index}`, type, nullable })),
  );

const KINDS = [
  'add',
  'add with default',
  'drop',
  'rename',
  'to text',
  'require',
  'index',
  'check',
  'default',
  'table',
] as const;
type Kind = (typeof KINDS)[number];

/** A schema, one to five operations that fit it, and the moments at which the engine dies. */
export const randomMigration = fc
  .tuple(
    columns,
    fc.array(fc.constantFrom<Kind>(...KINDS), { minLength: 1, maxLength: 5 }),
    fc.boolean(),
    fc.array(
      fc.record<Death>({
        transaction: fc.integer({ min: 1, max: 60 }),
        when: fc.constantFrom('before', 'after'),
      }),
      { maxLength: 2 },
    ),
  )
  .map(([table, kinds, versioned, dies]) => ({ each: caseOf(table, kinds, versioned), dies }));

function caseOf(
  table: readonly Column[],
  kinds: readonly Kind[],
  versioned: boolean,
): OperationCase {
  // Each column is changed once: a second operation on it is refused, with the reason.
  const untouched = [...table];
  const changes = kinds.flatMap((kind, index) => changeOf(kind, index, untouched) ?? []);
  const all = changes.length > 0 ? changes : [tableOf(0)];
  const names = ['id', ...table.map(({ name }) => name)].join(', ');
  const values = (number: string) =>
    table.map(({ type, nullable }) => {
      const value = VALUES[type].replaceAll(':n', ':n');
      return nullable ? `case when ${number} % 3 = 0 then null else ${value} end` : value;
    });
  const insert = `insert into t (${names}) values (:n, ${values(':n').join(', ')})`;
  const made = table.map(
    ({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' not null'}`,
  );
  return {
    name: `${table.map(({ type }) => type).join(', ')}: ${kinds.join(', ')}`,
    schema: [
      `create table t (id bigint primary key, ${made.join(', ')})`,
      ...Array.from({ length: 12 }, (_, row) => insert.replaceAll(':n', String(row + 1))),
      'analyze t',
    ].join('; '),
    operations: all.map(({ operation }) => operation),
    versioned,
    traffic: {
      old: [
        { sql: insert },
        {
          sql: `update t set ${table.map(({ name, type }) => `${name} = ${VALUES[type]}`).join(', ')} where id = :n - 2`,
        },
        { sql: 'delete from t where id = :n - 4' },
      ],
      new: [],
    },
    plain: all.map(({ plain }) => plain).join('; '),
  };
}

/** Takes the column that it changes out of the list; undefined where none fits. */
function changeOf(kind: Kind, index: number, untouched: Column[]): Change | undefined {
  const take = (fits: (column: Column) => boolean): Column | undefined => {
    const at = untouched.findIndex(fits);
    return at < 0 ? undefined : untouched.splice(at, 1)[0];
  };
  const name = `x${index}`;
  switch (kind) {
    case 'add':
      return {
        operation: {
          add_column: {
            table: 't',
            up: 'id::text',
            column: { name, type: 'text', nullable: index % 2 === 0 },
          },
        },
        plain: `alter table t add column ${name} text; update t set ${name} = id::text${index % 2 === 0 ? '' : `; alter table t alter column ${name} set not null`}`,
      };
    case 'add with default':
      return {
        operation: { add_column: { table: 't', column: { name, type: 'integer', default: '5' } } },
        plain: `alter table t add column ${name} integer not null default 5`,
      };
    case 'table':
      return tableOf(index);
    default: {
      const column = take((each) => kind !== 'to text' || each.type !== 'text');
      return column && onColumn(kind, name, column);
    }
  }
}

function tableOf(index: number): Change {
  return {
    operation: {
      create_table: { name: `u${index}`, columns: [{ name: 'id', type: 'bigint', pk: true }] },
    },
    plain: `create table u${index} (id bigint primary key)`,
  };
}

function onColumn(
  kind: Exclude<Kind, 'add' | 'add with default' | 'table'>,
  name: string,
  { name: column, type, nullable }: Column,
): Change {
  const constant = CONSTANTS[type];
  switch (kind) {
    case 'drop':
      return {
        operation: { drop_column: { table: 't', column, ...(nullable ? {} : { down: constant }) } },
        plain: `alter table t drop column ${column}`,
      };
    case 'rename':
      return {
        operation: { rename_column: { table: 't', from: column, to: name } },
        plain: `alter table t rename column ${column} to ${name}`,
      };
    case 'to text':
      return {
        operation: {
          alter_column: {
            table: 't',
            column,
            type: 'text',
            up: `${column}::text`,
            down: `${column}::${type}`,
          },
        },
        plain: `alter table t alter column ${column} type text using ${column}::text`,
      };
    case 'require':
      return {
        operation: {
          alter_column: {
            table: 't',
            column,
            nullable: false,
            up: `coalesce(${column}, ${constant})`,
            down: column,
          },
        },
        plain: `update t set ${column} = ${constant} where ${column} is null; alter table t alter column ${column} set not null`,
      };
    case 'index':
      return {
        operation: { create_index: { name, table: 't', columns: [column] } },
        plain: `create index ${name} on t (${column})`,
      };
    case 'check': {
      const check = `${column}::text <> 'never'`;
      return {
        operation: {
          create_constraint: { table: 't', name, type: 'check', columns: [column], check },
        },
        plain: `alter table t add constraint ${name} check (${check})`,
      };
    }
    case 'default':
      return {
        operation: { alter_column: { table: 't', column, default: constant } },
        plain: `alter table t alter column ${column} set default ${constant}`,
      };
  }
}
