import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type LoweredMigration, lowerOn } from '../support/lowered-migration.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let pool: pg.Pool;

beforeEach(async () => {
  database = await freshDatabase();
  pool = database.pool();
});
afterEach(() => database.drop());

const TO_INTEGER = `
  - alter_column:
      table: reviews
      column: rating
      type: integer
      up: rating::integer
      down: rating::text
`;

/** `reviews` with ratings as text, some of them written before the migration. */
async function reviews(): Promise<void> {
  await pool.query(`create table reviews (id bigint generated always as identity primary key,
    product text not null default 'p', rating text not null default '3')`);
  await pool.query(`insert into reviews (rating) values ('1'), ('2')`);
}

async function ratings(): Promise<unknown> {
  const { rows } = await pool.query('select * from reviews order by id');
  return rows.map(({ rating, rating_lk_new }) => [rating, rating_lk_new]);
}

describe('a column of another type, both sides writable', () => {
  let change: LoweredMigration;

  beforeEach(async () => {
    await reviews();
    change = await lowerOn(database, TO_INTEGER, 'versioned_schema: true');
    await change.expand();
  });

  const asNew = (sql: string) =>
    pool.query(`begin; set local search_path = public_0001_try, public; ${sql}; commit`);

  it('gives rows of the old application their new value', async () => {
    // WHEN the old application inserts and updates
    await pool.query(`insert into reviews (rating) values ('4')`);
    await pool.query(`update reviews set rating = '5' where id = 1`);
    // THEN the new column follows, and a row that nobody wrote waits for the backfill
    expect(await ratings()).toEqual([
      ['5', 5],
      ['2', null],
      ['4', 4],
    ]);
  });

  it('gives rows of the new application their old value', async () => {
    await asNew(`insert into reviews (rating) values (7)`);
    await asNew(`update reviews set rating = 8 where id = 1`);
    expect(await ratings()).toEqual([
      ['8', 8],
      ['2', null],
      ['7', 7],
    ]);
  });

  it('gives an insert of either application the default of its own column', async () => {
    await pool.query(`insert into reviews (product) values ('old')`);
    await asNew(`insert into reviews (product) values ('new')`);
    expect((await ratings()) as unknown[]).toEqual([
      ['1', null],
      ['2', null],
      ['3', 3],
      ['3', 3],
    ]);
  });

  it('keeps both in step through ON CONFLICT and MERGE', async () => {
    await pool.query(
      `insert into reviews (id, rating) overriding system value values (1, '6') on conflict (id) do update set rating = excluded.rating`,
    );
    await asNew(
      `insert into reviews (id, rating) overriding system value values (2, 9) on conflict (id) do update set rating = excluded.rating`,
    );
    await pool.query(
      `merge into reviews r using (values (1, '1'), (2, '2')) v (id, rating) on r.id = v.id when matched then update set rating = r.rating || v.rating`,
    );
    expect(await ratings()).toEqual([
      ['61', 61],
      ['92', 92],
    ]);
  });

  it('does not run for the backfill, which leaves rows alone that were written meanwhile', async () => {
    await asNew(`update reviews set rating = 8 where id = 1`);
    await change.backfill();
    expect(await ratings()).toEqual([
      ['8', 8],
      ['2', 2],
    ]);
  });

  it('goes on both ways after contract, and the old column comes back with what was written', async () => {
    await change.backfill();
    await change.validate();
    await change.contract();
    // WHEN the new application writes under the old name
    await pool.query(`insert into reviews (rating) values (10)`);
    await pool.query(`update reviews set rating = 11 where id = 1`);
    // THEN the cut-off column follows, and a rollback brings it back
    await change.rollBack();
    const { rows } = await pool.query('select rating from reviews order by id');
    expect(rows.map(({ rating }) => rating)).toEqual(['11', '2', '10']);
  });

  it('leaves what a plain change of type would have left', async () => {
    await change.backfill();
    await change.validate();
    await change.contract();
    await change.finalize();
    const { rows } = await pool.query(`select column_name, data_type, is_nullable, column_default
      from information_schema.columns where table_name = 'reviews' and table_schema = 'public' order by column_name`);
    expect(rows).toEqual([
      { column_name: 'id', data_type: 'bigint', is_nullable: 'NO', column_default: null },
      { column_name: 'product', data_type: 'text', is_nullable: 'NO', column_default: "'p'::text" },
      {
        column_name: 'rating',
        data_type: 'integer',
        is_nullable: 'NO',
        column_default: "('3'::text)::integer",
      },
    ]);
    const functions = await pool.query(
      `select 1 from pg_proc where proname like 'lk_%' or proname like '%lk_sync'`,
    );
    expect(functions.rows).toEqual([]);
  });
});

describe('two applications race with the backfill', () => {
  it.each(['read committed', 'repeatable read'])(
    'under %s no write is lost',
    async (isolation) => {
      // GIVEN a table that is being filled while both applications write random rows
      await reviews();
      await pool.query(`insert into reviews (rating) select '0' from generate_series(1, 198)`);
      const change = await lowerOn(database, TO_INTEGER, 'versioned_schema: true');
      await change.expand();
      const written = new Map<number, number>();
      let conflicts = 0;
      const writer = async (schema: string, from: number) => {
        for (let value = from; value < from + 400; value += 1) {
          // Each writer has rows of its own, so the last value of each is known.
          const id = 1 + ((value * 7) % 100) + (schema === 'public' ? 0 : 100);
          const literal = schema === 'public' ? `'${value}'` : String(value);
          const client = await pool.connect();
          try {
            await client.query(`begin isolation level ${isolation}`);
            await client.query(`set local search_path = ${schema}`);
            await client.query(`update reviews set rating = ${literal} where id = ${id}`);
            await client.query('commit');
            written.set(id, value);
          } catch (error) {
            await client.query('rollback');
            if ((error as { code?: string }).code !== '40001') throw error;
            conflicts += 1;
          } finally {
            client.release();
          }
        }
      };
      const filler = async () => {
        for (let from = 1; from <= 200; from += 5) {
          await change.backfill(`id between ${from} and ${from + 4}`);
        }
      };
      // WHEN all three run at once
      await Promise.all([writer('public', 1000), writer('public_0001_try', 5000), filler()]);
      // THEN every row has its last value, on both sides
      const { rows } = await pool.query(
        'select id, rating, rating_lk_new from reviews order by id',
      );
      for (const { id, rating, rating_lk_new } of rows) {
        expect({ id, rating }).toEqual({ id, rating: String(rating_lk_new) });
        const last = written.get(Number(id));
        if (last !== undefined) expect({ id, rating }).toEqual({ id, rating: String(last) });
      }
      expect(written.size).toBe(200);
      expect(conflicts).toBeLessThan(400);
    },
    60_000,
  );
});

describe('a column split in two, and joined for the old application', () => {
  const SPLIT = `
  - add_column: { table: users, column: { name: first, type: text, nullable: true }, up: "split_part(full_name, ' ', 1)" }
  - add_column: { table: users, column: { name: last, type: text, nullable: true }, up: "split_part(full_name, ' ', 2)" }
  - drop_column: { table: users, column: full_name, down: "first || ' ' || last" }
`;

  it.each(['versioned_schema: true', 'versioned_schema: false'])('with %s', async (versioned) => {
    await pool.query('create table users (id int primary key, full_name text not null, age int)');
    await pool.query(`insert into users values (1, 'Ada Lovelace'), (2, 'Alan Turing')`);
    const change = await lowerOn(database, SPLIT, versioned);
    await change.expand();
    // WHEN each application writes its own columns
    await pool.query(`insert into users (id, first, last) values (3, 'Grace', 'Hopper')`);
    await pool.query(`insert into users (id, full_name) values (4, 'Edsger Dijkstra')`);
    await pool.query(`update users set last = 'King' where id = 1`);
    await pool.query(`update users set full_name = 'Alan M' where id = 2`);
    await change.backfill();
    await pool.query(`update users set age = 7`);
    // THEN both see the same people
    const { rows } = await pool.query('select full_name, first, last from users order by id');
    expect(rows).toEqual([
      { full_name: 'Ada King', first: 'Ada', last: 'King' },
      { full_name: 'Alan M', first: 'Alan', last: 'M' },
      { full_name: 'Grace Hopper', first: 'Grace', last: 'Hopper' },
      { full_name: 'Edsger Dijkstra', first: 'Edsger', last: 'Dijkstra' },
    ]);
  });
});

describe('a value that the new application wrote itself', () => {
  it('is not derived again when another column changes', async () => {
    await pool.query('create table products (id int primary key, name text not null)');
    await pool.query(`insert into products values (1, 'chair'), (2, 'table')`);
    const change = await lowerOn(
      database,
      '  - add_column: { table: products, column: { name: label, type: text }, up: upper(name) }',
    );
    await change.expand();
    await change.backfill();
    // GIVEN a label of the new application's own, and one that was derived
    await pool.query(`update products set label = 'Throne' where id = 1`);
    // WHEN the old application gives both another name
    await pool.query(`update products set name = name || '!'`);
    // THEN only the derived one follows
    const { rows } = await pool.query('select label from products order by id');
    expect(rows).toEqual([{ label: 'Throne' }, { label: 'TABLE!' }]);
  });
});

describe('a type that cannot be compared', () => {
  it('is kept in step all the same', async () => {
    await pool.query('create table notes (id int primary key, body json not null)');
    await pool.query(`insert into notes values (1, '{"a": 1}')`);
    const change = await lowerOn(
      database,
      '  - alter_column: { table: notes, column: body, type: jsonb, up: "body::jsonb", down: "body::json" }',
    );
    await change.expand();
    await pool.query(`update notes set body = '{"a": 2}'`);
    const { rows } = await pool.query('select body_lk_new from notes');
    expect(rows).toEqual([{ body_lk_new: { a: 2 } }]);
  });
});

describe('what the users have themselves', () => {
  it('keeps in step what their own triggers write', async () => {
    await reviews();
    await pool.query(`create function bump() returns trigger language plpgsql as
      $$ begin new.rating := new.rating || '0'; return new; end $$`);
    await pool.query(
      'create trigger zz_bump before insert or update on reviews for each row execute function bump()',
    );
    const change = await lowerOn(database, TO_INTEGER);
    await change.expand();
    await pool.query(`insert into reviews (rating) values ('4')`);
    const { rows } = await pool.query('select rating, rating_lk_new from reviews where id = 3');
    expect(rows).toEqual([{ rating: '40', rating_lk_new: 40 }]);
  });

  it('keeps rows in step that arrive by replication', async () => {
    await reviews();
    const change = await lowerOn(database, TO_INTEGER);
    await change.expand();
    await pool.query(
      `set session_replication_role = replica; insert into reviews (rating) values ('4')`,
    );
    expect(((await ratings()) as unknown[]).at(-1)).toEqual(['4', 4]);
  });

  it('lets a view follow a column of the same type, and refuses one of another', async () => {
    await reviews();
    await pool.query('create view good as select id, rating from reviews where rating <> $$1$$');
    await expect(lowerOn(database, TO_INTEGER)).rejects.toThrow('view good uses column rating');
    const change = await lowerOn(
      database,
      `  - alter_column: { table: reviews, column: rating, check: { name: short, constraint: length(rating) < 3 }, up: 'left(rating, 2)', down: rating }`,
    );
    await change.expand();
    await change.backfill();
    await change.validate();
    await change.contract();
    await change.finalize();
    await pool.query(`update reviews set rating = '9' where id = 2`);
    expect((await pool.query('select * from good')).rows).toEqual([{ id: '2', rating: '9' }]);
  });
});
