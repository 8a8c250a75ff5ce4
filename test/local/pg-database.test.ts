import { describe, expect, it } from '@jest/globals';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { describeDatabase } from '../ports/database-contract.ts';
import { freshDatabase } from '../support/postgres.ts';

describeDatabase('a direct connection', async (options = {}) => {
  const server = await freshDatabase();
  const database = pgDatabase({ url: server.url, ...options });
  return {
    database,
    server,
    close: async () => {
      await database.close();
      await server.drop();
    },
  };
});

describe('a direct connection', () => {
  it('says unreachable when nobody listens', async () => {
    const database = pgDatabase({ url: 'postgres://a:b@127.0.0.1:1/nowhere' });
    await expect(database.query('select 1')).rejects.toMatchObject({ kind: 'unreachable' });
    await database.close();
  });

  it('says denied when the password is wrong, unreachable when there is no such database', async () => {
    // GIVEN
    const server = await freshDatabase();
    const url = new URL(server.url);
    url.password = 'wrong';
    const wrongPassword = pgDatabase({ url: url.href });
    const noDatabase = pgDatabase({ url: server.url.replace(server.name, 'nowhere') });
    // THEN
    await expect(wrongPassword.query('select 1')).rejects.toMatchObject({ kind: 'denied' });
    await expect(noDatabase.query('select 1')).rejects.toMatchObject({ kind: 'unreachable' });
    await Promise.all([wrongPassword.close(), noDatabase.close()]);
    await server.drop();
  });

  it('gives the server’s detail of a violated constraint', async () => {
    const server = await freshDatabase();
    const database = pgDatabase({ url: server.url });
    await database.execute('create table t (id int primary key)');
    await database.execute('insert into t values (7)');
    await expect(database.execute('insert into t values (7)')).rejects.toMatchObject({
      constraint: 't_pkey',
      detail: 'Key (id)=(7) already exists.',
    });
    await database.close();
    await server.drop();
  });

  it('can be closed while a submitted statement runs on', async () => {
    const server = await freshDatabase();
    const database = pgDatabase({ url: server.url, giveUpMs: 20 });
    expect(await database.submit('select pg_sleep(3)')).toBe('submitted');
    await database.close();
    await server.drop();
  });
});
