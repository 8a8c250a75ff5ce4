import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import type { Database, Session } from '../../lib/ports/database.ts';
import type { TestDatabase } from '../support/postgres.ts';

/** A database under test, and the same database through a superuser's connections. */
export interface DatabaseUnderTest {
  readonly database: Database;
  readonly server: TestDatabase;
  close(): Promise<void>;
}

/** How long the adapter waits for a submitted statement; tests lower it from 45 s. */
export interface OpenOptions {
  readonly giveUpMs?: number;
}

/** What every `Database` must do, whatever the way to the server is. */
export function describeDatabase(
  name: string,
  open: (options?: OpenOptions) => Promise<DatabaseUnderTest>,
): void {
  describe(`the database contract: ${name}`, () => {
    let database: Database;
    let admin: pg.Pool;
    let close: () => Promise<void>;

    beforeAll(async () => {
      const opened = await open();
      database = opened.database;
      admin = opened.server.pool();
      close = opened.close;
      await admin.query(`
        create table boats (id int primary key, name text not null, length_m numeric check (length_m > 0));
        insert into boats values (1, 'Ada', 12.50), (2, 'Bea', 20);
        create role crew;
      `);
    });
    afterAll(async () => {
      await admin.query('drop role crew');
      await close();
    });

    const one = async (sql: string, parameters = {}) =>
      (await database.query(sql, parameters))[0] ?? {};

    describe('values', () => {
      it('gives small integers, floats and booleans as such, all else as text', async () => {
        const row =
          await one(`select 1::int2 as i2, -2::int4 as i4, 9223372036854775807::int8 as i8,
          1.5::float4 as f4, 0.1::float8 as f8, true as yes, false as no, 10.50::numeric as n,
          '{"a":1}'::json as j, '{"a": 1}'::jsonb as jb, 'x'::varchar as v, null::int4 as nothing,
          '6f1c3f0e-3b1a-4c67-9a55-0e3f3a8c7f11'::uuid as u, '2026-11-22'::date as d, 42::oid as o`);
        expect(row).toEqual({
          i2: 1,
          i4: -2,
          i8: '9223372036854775807',
          f4: 1.5,
          f8: 0.1,
          yes: true,
          no: false,
          n: '10.50',
          j: '{"a":1}',
          jb: '{"a": 1}',
          v: 'x',
          nothing: null,
          u: '6f1c3f0e-3b1a-4c67-9a55-0e3f3a8c7f11',
          d: '2026-11-22',
          o: '42',
        });
      });

      it('gives times in UTC, with their offset where the type has one', async () => {
        const row = await one(`select '2026-11-22 12:00:00+02'::timestamptz as at,
          '2026-11-22 12:00:00.123456'::timestamp as local, 'infinity'::timestamptz as never`);
        expect(row).toEqual({
          at: '2026-11-22 10:00:00+00',
          local: '2026-11-22 12:00:00.123456',
          never: 'infinity',
        });
      });

      it('gives floats that are no number', async () => {
        const row = await one(`select 'NaN'::float8 as nan, '-Infinity'::float8 as low`);
        expect(row).toEqual({ nan: Number.NaN, low: Number.NEGATIVE_INFINITY });
      });

      it('names columns by their alias', async () => {
        expect(await one('select id as boat, name from boats where id = 1')).toEqual({
          boat: 1,
          name: 'Ada',
        });
      });

      it.each([
        ['bytea', `'\\x00'::bytea`],
        ['an array', 'array[1,2]'],
        ['an interval', `'1 day'::interval`],
      ])('refuses %s, which has to be cast to text', async (_type, expression) => {
        await expect(database.query(`select ${expression} as x`)).rejects.toMatchObject({
          name: 'DatabaseError',
          kind: 'statement',
        });
        expect(typeof (await one(`select (${expression})::text as x`))['x']).toBe('string');
      });

      it('refuses a result of more than 1 MiB', async () => {
        const large = database.query(`select repeat('x', 60000) from generate_series(1, 20)`);
        await expect(large).rejects.toMatchObject({
          kind: 'statement',
          message: expect.stringContaining('1 MiB'),
        });
      });
    });

    describe('parameters', () => {
      it('brings every text through as it is', async () => {
        const text = fc.string({ unit: 'grapheme', maxLength: 60 });
        await fc.assert(
          fc.asyncProperty(text, async (value) => {
            fc.pre(!value.includes('\0') && !/[\uD800-\uDFFF]/u.test(value));
            expect(await one('select :value as value', { value })).toEqual({ value });
          }),
          {
            numRuns: 25,
            examples: [["it's"], ['"; drop table boats; --'], ['$1 :value ::x'], ['⛵ é 漢']],
          },
        );
      });

      it('binds whole numbers as int8, others as float8, text as text', async () => {
        const row = await one(
          `select pg_typeof(:whole)::text as whole, pg_typeof(:part)::text as part,
             pg_typeof(:text)::text as text, pg_typeof(:yes)::text as yes, :nothing::int4 as nothing`,
          { whole: 3, part: 0.5, text: 'x', yes: true, nothing: null },
        );
        expect(row).toEqual({
          whole: 'bigint',
          part: 'double precision',
          text: 'text',
          yes: 'boolean',
          nothing: null,
        });
      });

      it('uses one parameter several times, and leaves casts, strings and comments alone', async () => {
        const row = await one(
          `select :id::int4 + :id::int4 as sum, ':id' as quoted, $q$:id$q$ as dollar /* :id */ -- :id`,
          { id: 4 },
        );
        expect(row).toEqual({ sum: 8, quoted: ':id', dollar: ':id' });
      });

      it('fails when a marker has no parameter', async () => {
        const query = database.query('select :known, :forgotten', { known: 1 });
        await expect(query).rejects.toMatchObject({
          kind: 'statement',
          message: expect.stringContaining('forgotten'),
        });
      });

      it('does not compare text with another type by itself', async () => {
        const query = database.query('select 1 from boats where id = :id', { id: '1' });
        await expect(query).rejects.toMatchObject({ kind: 'does-not-exist', sqlstate: '42883' });
      });

      it.each([
        ['NUL in a parameter', 'select :x', { x: 'a\0b' }],
        ['NUL in the statement', `select 'a\0b'`, {}],
        ['NaN', 'select :x', { x: Number.NaN }],
        ['an infinity', 'select :x', { x: Number.POSITIVE_INFINITY }],
        ['a whole number past 2^53', 'select :x', { x: 2 ** 53 }],
      ])('refuses %s before it is sent', async (_what, sql, parameters) => {
        await expect(database.query(sql, parameters)).rejects.toMatchObject({ kind: 'statement' });
      });
    });

    describe('statements', () => {
      it('counts the rows a statement changed', async () => {
        await database.execute('create table counted (n int)');
        expect(await database.execute('insert into counted select generate_series(1, 5)')).toBe(5);
        expect(await database.execute('update counted set n = n where n > 3')).toBe(2);
        expect(await database.execute('delete from counted where false')).toBe(0);
        expect(await database.execute('drop table counted')).toBe(0);
      });

      it('fails when there are two statements, and runs neither', async () => {
        const two = database.execute('create table one_of_two (a int); select 1');
        await expect(two).rejects.toMatchObject({ kind: 'statement' });
        const row = await one(`select to_regclass('one_of_two')::text as it`);
        expect(row).toEqual({ it: null });
      });

      it('runs what cannot run inside a transaction', async () => {
        await database.execute('create index concurrently boats_by_name on boats (name)');
        await database.execute('drop index concurrently boats_by_name');
      });
    });

    describe('errors', () => {
      it.each([
        ['already-exists', '42P07', 'create table boats ()'],
        ['does-not-exist', '42P01', 'select * from nowhere'],
        ['statement', '42601', 'selec 1'],
        ['statement', '22012', 'select 1/0'],
        ['constraint', '23502', 'insert into boats values (9, null, 1)'],
        ['resources', '54011', `select ${Array.from({ length: 1665 }, () => '1').join(',')}`],
      ] as const)('says %s for %s', async (kind, sqlstate, sql) => {
        await expect(database.query(sql)).rejects.toMatchObject({
          name: 'DatabaseError',
          kind,
          sqlstate,
        });
      });

      it('names the constraint and repeats the message of PostgreSQL without decoration', async () => {
        const insert = database.execute(`insert into boats values (1, 'Cle', 3)`);
        await expect(insert).rejects.toMatchObject({
          kind: 'constraint',
          sqlstate: '23505',
          constraint: 'boats_pkey',
          message: 'duplicate key value violates unique constraint "boats_pkey"',
        });
      });

      it('gives the position of the mistake', async () => {
        const query = database.query('select nam from boats');
        await expect(query).rejects.toMatchObject({ kind: 'does-not-exist', position: 8 });
      });

      it('says denied when the role may not', async () => {
        const query = database.transaction(async (tx) => {
          await tx.execute('set local role crew');
          return tx.query('select * from boats');
        });
        await expect(query).rejects.toMatchObject({ kind: 'denied', sqlstate: '42501' });
      });

      it('says read-only when nothing may be written', async () => {
        const write = database.transaction(async (tx) => {
          await tx.execute('set transaction read only');
          await tx.execute('delete from boats');
        });
        await expect(write).rejects.toMatchObject({ kind: 'read-only', sqlstate: '25006' });
      });

      it('says lock-timeout when somebody else holds the lock, and nothing happened', async () => {
        // GIVEN
        const blocker = await admin.connect();
        await blocker.query('begin; lock table boats in access share mode');
        try {
          // WHEN
          const alter = database.transaction(async (tx) => {
            await tx.execute(`set local lock_timeout = '50ms'`);
            await tx.execute('alter table boats add column colour text');
          });
          // THEN
          await expect(alter).rejects.toMatchObject({ kind: 'lock-timeout', sqlstate: '55P03' });
        } finally {
          await blocker.query('rollback');
          blocker.release();
        }
        expect(Object.keys(await one('select * from boats limit 1'))).not.toContain('colour');
      });

      it('says serialization to the victim of a deadlock', async () => {
        // GIVEN two transactions that lock two rows in opposite order
        const lock = (tx: Session, id: number) =>
          tx.execute('update boats set name = name where id = :id', { id });
        const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
        const crossing = (mine: 0 | 1) =>
          database.transaction(async (tx) => {
            await lock(tx, mine + 1);
            reached[mine].resolve();
            await reached[1 - mine]?.promise;
            await lock(tx, 2 - mine);
          });
        // WHEN
        const outcomes = await Promise.allSettled([crossing(0), crossing(1)]);
        // THEN
        const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(lost).toHaveLength(1);
        expect(lost[0]?.reason).toMatchObject({ kind: 'serialization', sqlstate: '40P01' });
      });

      it('says cancelled when the statement took too long or somebody cancelled it', async () => {
        // statement_timeout
        const slow = database.transaction(async (tx) => {
          await tx.execute(`set local statement_timeout = '30ms'`);
          await tx.query('select pg_sleep(5)');
        });
        await expect(slow).rejects.toMatchObject({ kind: 'cancelled', sqlstate: '57014' });
        // a person
        const cancelled = database.query('select pg_sleep(5) /* cancel me */');
        const expected = expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
        await signalBackend('pg_cancel_backend', 'cancel me');
        await expected;
      });

      it('says outcome-unknown when the backend goes away', async () => {
        const killed = database.query('select pg_sleep(5) /* kill me */');
        const expected = expect(killed).rejects.toMatchObject({ kind: 'outcome-unknown' });
        await signalBackend('pg_terminate_backend', 'kill me');
        await expected;
        expect(await one('select 1 as alive')).toEqual({ alive: 1 });
      });
    });

    describe('transactions', () => {
      it('commit what the work did, and give back its result', async () => {
        const result = await database.transaction(async (tx) => {
          await tx.execute(`insert into boats values (10, 'Dot', 1)`);
          return (await tx.query('select count(*)::int4 as n from boats where id = 10'))[0]?.['n'];
        });
        expect(result).toBe(1);
        expect(await database.execute('delete from boats where id = 10')).toBe(1);
      });

      it('roll everything back when the work throws, and throw the same error', async () => {
        const mistake = new RangeError('changed my mind');
        const work = database.transaction(async (tx) => {
          await tx.execute(`insert into boats values (11, 'Eve', 1)`);
          throw mistake;
        });
        await expect(work).rejects.toBe(mistake);
        expect(await database.query('select 1 from boats where id = 11')).toEqual([]);
      });

      it('throw the error of the work even when the rollback fails', async () => {
        const mistake = new RangeError('changed my mind');
        const work = database.transaction(async (tx) => {
          const [row] = await tx.query('select pg_backend_pid() as pid');
          await admin.query('select pg_terminate_backend($1)', [row?.['pid']]);
          throw mistake;
        });
        await expect(work).rejects.toBe(mistake);
      });

      it('do not commit after a failed statement, even when the work hides it', async () => {
        const work = database.transaction(async (tx) => {
          await tx.execute(`insert into boats values (12, 'Flo', 1)`);
          await tx.query('select 1/0').catch(() => undefined);
        });
        await expect(work).rejects.toMatchObject({ kind: 'statement', sqlstate: '25P02' });
        expect(await database.query('select 1 from boats where id = 12')).toEqual([]);
      });

      it('refuse every statement after a failed one, savepoint or not', async () => {
        const work = database.transaction(async (tx) => {
          await tx.execute('savepoint here');
          await tx.query('select 1/0').catch(() => undefined);
          await tx.execute('rollback to savepoint here');
        });
        await expect(work).rejects.toMatchObject({ sqlstate: '25P02' });
      });

      it('refuse a second statement while one is running', async () => {
        const work = database.transaction((tx) =>
          Promise.all([tx.query('select pg_sleep(0.05)'), tx.query('select 1')]),
        );
        await expect(work).rejects.toMatchObject({
          message: expect.stringContaining('still running'),
        });
      });

      it('refuse to be nested', async () => {
        const nested = database.transaction(() => database.transaction(async () => 1));
        await expect(nested).rejects.toMatchObject({ message: expect.stringContaining('inside') });
      });

      it('refuse statements when they are over', async () => {
        let kept: Session | undefined;
        await database.transaction(async (tx) => {
          kept = tx;
        });
        await expect(kept?.query('select 1')).rejects.toMatchObject({ kind: 'statement' });
      });

      it('see each other only when they are committed', async () => {
        await database.transaction(async (tx) => {
          await tx.execute(`insert into boats values (13, 'Gil', 1)`);
          expect(await database.query('select 1 from boats where id = 13')).toEqual([]);
          await tx.execute('delete from boats where id = 13');
        });
      });

      it('say constraint when a deferred constraint fails at COMMIT', async () => {
        await admin.query(
          'create table moored (boat int references boats deferrable initially deferred)',
        );
        const work = database.transaction((tx) => tx.execute('insert into moored values (999)'));
        await expect(work).rejects.toMatchObject({ kind: 'constraint', sqlstate: '23503' });
        await admin.query('drop table moored');
      });

      it('say outcome-unknown when the backend goes away during COMMIT', async () => {
        // GIVEN a commit that takes its time
        await admin.query(`
          create table slow (n int);
          create function sleepy() returns trigger language plpgsql as
            $$ begin perform pg_sleep(5) /* slow commit */; return null; end $$;
          create constraint trigger sleepy after insert on slow
            deferrable initially deferred for each row execute function sleepy();
        `);
        // WHEN
        const work = database.transaction((tx) => tx.execute('insert into slow values (1)'));
        const expected = expect(work).rejects.toMatchObject({ kind: 'outcome-unknown' });
        await signalBackend('pg_terminate_backend', 'commit');
        // THEN
        await expected;
        await admin.query('drop table slow');
      });
    });

    describe('submit', () => {
      it('says finished when the statement ends in time', async () => {
        expect(await database.submit('create table quick (n int)')).toBe('finished');
        expect(await database.submit('drop table quick')).toBe('finished');
      });

      it('throws what PostgreSQL says in time', async () => {
        await expect(database.submit('drop table nowhere')).rejects.toMatchObject({
          kind: 'does-not-exist',
        });
      });

      it('leaves a long statement running and says so', async () => {
        // GIVEN
        const patient = await open({ giveUpMs: 100 });
        try {
          // WHEN
          const outcome = await patient.database.submit(
            'create table late as select pg_sleep(0.6)::text as nothing',
          );
          // THEN
          expect(outcome).toBe('submitted');
          const gone = async () =>
            (await patient.database.query(`select to_regclass('late')::text as it`))[0]?.['it'];
          expect(await gone()).toBeNull();
          await until(async () => (await gone()) === 'late');
        } finally {
          await patient.close();
        }
      });
    });

    /**
     * Cancels or ends the one backend whose statement has `mark` in it, as soon as it sleeps: a signal
     * that comes between the parse and the execute message is ignored by the server.
     */
    async function signalBackend(signal: string, mark: string): Promise<void> {
      await until(async () => {
        const { rowCount } = await admin.query(
          `select ${signal}(pid) from pg_stat_activity where query ilike $1 and state = 'active'
             and pid <> pg_backend_pid() and wait_event = 'PgSleep'`,
          [`%${mark}%`],
        );
        return rowCount === 1;
      });
    }
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
