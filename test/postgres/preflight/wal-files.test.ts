import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { compileFor } from '../../../lib/cli/compile-for.ts';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import { openScratchServer } from '../../../lib/local/postgres/scratch-server.ts';
import type { PostgresServer } from '../../../lib/local/postgres/server.ts';
import { readWalFiles } from '../../../lib/postgres/preflight/wal-files.ts';
import { inlineMigration } from '../../support/engine-scene.ts';

const MIB = 1024 ** 2;

describe('readWalFiles', () => {
  /** One of its own: other tests write WAL on the shared one, and its settings stay. */
  let server: PostgresServer;
  let admin: pg.Client;
  beforeAll(async () => {
    server = await openScratchServer();
    admin = new pg.Client({ connectionString: server.url() });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  async function read(role?: string) {
    const url = new URL(server.url());
    if (role !== undefined) {
      url.username = role;
      url.password = 'x';
    }
    const database = pgDatabase({ url: url.href });
    try {
      return await readWalFiles(database);
    } finally {
      await database.close();
    }
  }

  it('sees what the server keeps and has, which grows with what is written', async () => {
    const before = await read();
    expect(before).toEqual({
      fileBytes: 16 * MIB,
      keptBytes: 80 * MIB,
      mostBytes: 1_024 * MIB,
      files: expect.any(Number),
    });
    // 80 MB make the server have five more
    await admin.query(
      `select pg_logical_emit_message(false, 'test', repeat('x', 1000000)) from generate_series(1, 80)`,
    );
    const files = (await read())?.files ?? 0;
    expect(files).toBeGreaterThanOrEqual((before?.files ?? 0) + 4);
    // AND a checkpoint keeps them, up to what it shall
    await admin.query('checkpoint');
    expect((await read())?.files).toBeGreaterThanOrEqual(5);
  });

  it('does not list what a role may not see', async () => {
    await admin.query(`create role modest login password 'x'`);
    expect(await read('modest')).toMatchObject({ keptBytes: 80 * MIB, files: undefined });
  });

  it('knows of none where new ones are not filled, and on Aurora', async () => {
    // The role's own setting is there from its next connection on.
    await admin.query('alter role postgres set wal_init_zero = off');
    expect(await read()).toBeUndefined();
    await admin.query('alter role postgres reset wal_init_zero');
    expect(await read()).toBeDefined();
    await admin.query(
      `create function aurora_version() returns text language sql as $$ select '17.4' $$`,
    );
    expect(await read()).toBeUndefined();
    await admin.query('drop function aurora_version()');
  });

  it('is what plan warns of, before a backfill of a table that is larger than all of them', async () => {
    // GIVEN 500 MB that are in no WAL
    await admin.query(`create unlogged table items (id bigint primary key, padding text, code text);
      alter table items alter padding set storage plain`);
    await admin.query(
      `insert into items select n, repeat('x', 1000) from generate_series(1, 500000) n`,
    );
    const migration = await inlineMigration('0001_fill', {
      'migration.yaml': `version: 1
title: Codes
backfill:
  - {id: fill, table: items, set: {code: upper(padding)}, undo: update items set code = null where false}
`,
    });
    // WHEN
    const database = pgDatabase({ url: server.url() });
    const { conditions, obstacle } = await compileFor(database, migration);
    await database.close();
    // THEN
    expect(conditions).toContainEqual({
      kind: 'wal-files',
      severity: 'warn',
      message: expect.stringMatching(
        /^step fill writes about 5\d\d MiB of WAL, and the server has/,
      ),
      fix: expect.stringMatching(/^set min_wal_size = '5\d\dMB'/),
    });
    expect(obstacle).toBeUndefined();
  });
});
