import type { OperationCase } from '../operation-case.ts';

/** Columns that move to a table of their own, by the key that the new table refers to. */
interface Extraction {
  readonly name: string;
  /** The old table and the new one, as SQL and as operations name them. */
  readonly from: string;
  readonly to: string;
  /** Column of the old key, its type, a value made of a number, and its name in the new table. */
  readonly key: readonly (readonly [from: string, type: string, value: string, to: string])[];
  /** The columns that move, with what is written to them. */
  readonly columns: readonly (readonly [name: string, definition: string, value: string])[];
  readonly before?: string;
  readonly versioned?: boolean;
}

const PLAN = ['plan', `text not null default 'free'`, `'pro' || :n`] as const;
const CARD = ['card', 'jsonb', `jsonb_build_object('n', :n)`] as const;
const NEW = 1_000_000;

const EXTRACTIONS: readonly Extraction[] = [
  {
    name: 'by a number',
    from: 'accounts',
    to: 'billing_accounts',
    key: [['id', 'bigint', ':n', 'account_id']],
    columns: [PLAN, CARD],
  },
  {
    name: 'with a versioned schema',
    from: 'accounts',
    to: 'billing_accounts',
    key: [['id', 'bigint', ':n', 'account_id']],
    columns: [PLAN],
    versioned: true,
  },
  {
    name: 'by a uuid',
    from: 'accounts',
    to: 'billing_accounts',
    key: [['id', 'uuid', `('00000000-0000-4000-8000-' || lpad(:n::text, 12, '0'))::uuid`, 'owner']],
    columns: [PLAN],
  },
  {
    name: 'by a composite key',
    from: 'accounts',
    to: 'billing_accounts',
    key: [
      ['tenant', 'smallint', '(:n % 3)', 'tenant'],
      ['id', 'bigint', ':n', 'account_id'],
    ],
    columns: [PLAN, CARD],
  },
  {
    name: 'with names in quotes',
    from: '"Kontén"',
    to: '"Käufe"',
    key: [['"Nr."', 'bigint', ':n', '"Konto Nr."']],
    columns: [['"Plan A"', 'text', `'pro' || :n`]],
  },
  {
    name: 'in another schema',
    from: 'crm.accounts',
    to: 'crm.billing',
    key: [['id', 'text', `'k' || :n`, 'account']],
    columns: [['tags', `text[] not null default '{}'`, `array['t' || :n]`]],
    before: 'create schema crm;',
  },
];

/** Each extraction with both applications writing, the new one as its page says: with ON CONFLICT. */
export const EXTRACTION_CASES: readonly OperationCase[] = EXTRACTIONS.map((each) => {
  const { from, to, key, columns } = each;
  const keys = key.map(([name]) => name);
  const toKeys = key.map(([, , , name]) => name);
  const names = columns.map(([name]) => name);
  const valuesOf = (number: string, parts: readonly string[]) =>
    parts.map((part) => part.replaceAll(':n', number)).join(', ');
  const keyValues = key.map(([, , value]) => value);
  const values = columns.map(([, , value]) => value);
  const whole = (number: string) =>
    `insert into ${from} (${[...keys, 'email', ...names].join(', ')})
     values (${valuesOf(number, keyValues)}, 'mail', ${valuesOf(number, values)})`;
  const set = names.map((name) => `${name} = excluded.${name}`).join(', ');
  const split = (number: string) =>
    `insert into ${from} (${[...keys, 'email'].join(', ')}) values (${valuesOf(number, keyValues)}, 'mail');
     insert into ${to} (${[...toKeys, ...names].join(', ')}) values (${valuesOf(number, keyValues)}, ${valuesOf(number, values)})
     on conflict (${toKeys.join(', ')}) do update set ${set}`;
  const updated = (table: string, keyNames: readonly string[], number: string) =>
    `update ${table} set ${names[0]} = ${valuesOf(`(${number} + 7)`, values.slice(0, 1))}
     where ${keyNames.map((name, index) => `${name} = ${valuesOf(number, keyValues.slice(index, index + 1))}`).join(' and ')}`;
  return {
    name: `extract_table: ${each.name}`,
    schema: `${each.before ?? ''}
      create table ${from} (${key.map(([name, type]) => `${name} ${type}`).join(', ')}, email text not null,
        ${columns.map(([name, definition]) => `${name} ${definition}`).join(', ')}, primary key (${keys.join(', ')}));
      insert into ${from} (${[...keys, 'email', ...names].join(', ')})
      select ${valuesOf('i', keyValues)}, 'mail', ${valuesOf('i', values)} from generate_series(1, 40) i;
      analyze ${from}`,
    operations: [
      {
        extract_table: {
          table: unquoted(from),
          name: unquoted(to),
          key: toKeys.map(unquoted),
          columns: names.map(unquoted),
        },
      },
    ],
    ...(each.versioned === true && { versioned: true }),
    plain: `create table ${to} (${key.map(([, type, , name]) => `${name} ${type} not null`).join(', ')},
        ${columns.map(([name, definition]) => `${name} ${definition}`).join(', ')}, primary key (${toKeys.join(', ')}),
        constraint ${quoted(`${unquoted(to).split('.').at(-1)}_fkey`)} foreign key (${toKeys.join(', ')})
          references ${from} (${keys.join(', ')}) on delete cascade on update cascade);
      insert into ${to} select ${[...keys, ...names].join(', ')} from ${from};
      alter table ${from} ${names.map((name) => `drop column ${name}`).join(', ')}`,
    traffic: {
      old: [
        { sql: whole(':n'), other: split(':n') },
        { sql: updated(from, keys, '(:n - 1)'), other: updated(to, toKeys, '(:n - 1)') },
      ],
      new: [
        { sql: split(`(${NEW} + :n)`), other: whole(`(${NEW} + :n)`) },
        {
          sql: updated(to, toKeys, `(${NEW} + :n - 1)`),
          other: updated(from, keys, `(${NEW} + :n - 1)`),
        },
      ],
    },
  };
});

/** As an operation names it: the catalog's own name. */
function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1) : name;
}

function quoted(name: string): string {
  return `"${name}"`;
}
