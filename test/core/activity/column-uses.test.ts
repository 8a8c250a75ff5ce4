import { beforeAll, describe, expect, it } from '@jest/globals';
import { type KnownTable, usesOf } from '../../../lib/core/activity/column-uses.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';

const TABLES: readonly KnownTable[] = [
  { schema: 'public', name: 'users', columns: ['id', 'email', 'name'] },
  { schema: 'public', name: 'orders', columns: ['id', 'user_id', 'name'] },
  { schema: 'a', name: 'twice', columns: ['email'] },
  { schema: 'b', name: 'twice', columns: ['email'] },
];

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

/** Such as `users.email`. */
function used(sql: string): readonly string[] {
  const parsed = parser.parse(sql);
  if (parsed.kind !== 'parsed') throw new TypeError(`${parsed.message} in ${sql}`);
  return parsed.statements
    .flatMap(({ node }) =>
      usesOf(node, ({ schema, name }) => {
        const named = TABLES.filter((each) => each.name === name);
        const found = schema === undefined ? named : named.filter((each) => each.schema === schema);
        return found.length === 1 ? found[0] : undefined;
      }),
    )
    .flatMap(({ name, columns }) => columns.map((column) => `${name}.${column}`));
}

describe('a column that a query uses for certain', () => {
  it.each([
    ['select email from users where id = $1', ['users.email', 'users.id']],
    [
      'select u.email from users u join orders o on o.user_id = u.id',
      ['users.email', 'users.id', 'orders.user_id'],
    ],
    ['select email from users, orders', ['users.email']],
    ['select users.email from public.users', ['users.email']],
    ['insert into users (id, email) values ($1, $2)', ['users.email', 'users.id']],
    [
      'insert into users (id) values ($1) on conflict (id) do update set email = excluded.email',
      ['users.email', 'users.id'],
    ],
    ['update users set email = $1 where id = $2', ['users.email', 'users.id']],
    [
      'update orders o set name = u.email from users u where u.id = o.user_id',
      ['orders.name', 'orders.user_id', 'users.email', 'users.id'],
    ],
    ['delete from users where email = $1', ['users.email']],
    ['select 1 from orders where exists (select 1 from users where email = $1)', ['users.email']],
    [
      'select (select email from users where id = o.user_id) from orders o',
      ['orders.user_id', 'users.email', 'users.id'],
    ],
    ['with old as (select email from users) select 1 from old', ['users.email']],
    ['select email from users union select name from orders', ['users.email', 'orders.name']],
    ['select email from a.twice', ['twice.email']],
  ])('%s', (sql, columns) => {
    expect([...used(sql)].sort()).toEqual([...columns].sort());
  });
});

describe("a column is nobody's", () => {
  it.each([
    ['two tables have it', 'select name from users, orders'],
    ['a subquery may have it', 'select email from orders, (select 1 as email) s'],
    ['a function may have it', 'select email from orders, json_each($1)'],
    [
      'it is of a CTE that has the name of a table',
      'with users as (select 1 as email) select email from users',
    ],
    ['the table is not known', 'select email from elsewhere'],
    ['two schemas have such a table', 'select email from twice'],
    ['the alias gives it to another table', 'select users.email from orders users'],
    ['the alias renames it', 'select email from users u (email, id, name)'],
    ['it comes out of a star', 'select * from users'],
    ['it is only the name of a result', 'select 1 as email from users'],
    ['it is part of a text', "select 'email' from users"],
    ['ORDER BY means a result', 'select upper($1) as email from users order by email'],
    ['ORDER BY means a union', 'select id from users union select id from orders order by email'],
    [
      'MERGE is not looked into',
      'merge into users using orders on true when matched then update set email = $1',
    ],
    ['USING merges two', 'select name from users join orders using (name)'],
  ])('%s: %s', (_, sql) => {
    expect(used(sql).filter((each) => /email|name/.test(each))).toEqual([]);
  });
});
