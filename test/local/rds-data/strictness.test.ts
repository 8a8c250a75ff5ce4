import { ExecuteStatementCommand } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AWS_LIMITS } from '../../../lib/local/rds-data/limits.ts';
import { type DataApi, resourceArn, secretArn, startDataApi } from './data-api.ts';

/** The contract: everything AWS refuses is refused here, under the same name. */
describe('the Data API is as strict as AWS', () => {
  let api: DataApi;

  beforeAll(async () => {
    api = await startDataApi();
    await api.execute(
      'create table boat (id uuid primary key default gen_random_uuid(), name text not null, cargo jsonb)',
    );
  });
  afterAll(() => api.close());

  it('has the limits of the user guide', () => {
    expect(AWS_LIMITS).toEqual({
      statementMs: 45_000,
      transactionIdleMs: 180_000,
      transactionTotalMs: 86_400_000,
      resultBytes: 1_048_576,
      rowBytes: 65_536,
      jsonBytes: 10_000_000,
      requestBytes: 4_194_304,
    });
  });

  it('takes one statement a call; a trailing semicolon is not a second one', async () => {
    await expect(api.execute('select 1; select 2')).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Multistatements aren't supported.",
    });
    await expect(api.value('select 1;')).resolves.toEqual({ longValue: 1 });
    await expect(api.value("select 'a;b' -- c;d")).resolves.toEqual({ stringValue: 'a;b' });
  });

  it('refuses the schema parameter', async () => {
    await expect(api.execute('select 1', { schema: 'public' })).rejects.toMatchObject({
      name: 'ValidationException',
      message: "The schema parameter isn't supported",
    });
  });

  it('refuses array parameters, and takes them as text with a cast', async () => {
    const value = { arrayValue: { longValues: [1, 2] } };
    await expect(
      api.execute('select :ids', { parameters: [{ name: 'ids', value }] }),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Array parameters are not supported',
    });
    const text = { name: 'ids', value: { stringValue: '{1,2}' } };
    await expect(
      api.value('select array_length(:ids::bigint[], 1)', { parameters: [text] }),
    ).resolves.toEqual({ longValue: 2 });
  });

  it('binds a string without a hint as text, so a uuid needs a hint or a cast', async () => {
    const id = '6f0c1a52-8d0e-4f54-9a3c-0c9b2a9be111';
    const bare = { name: 'id', value: { stringValue: id } };
    await expect(
      api.execute('select name from boat where id = :id', { parameters: [bare] }),
    ).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message:
        'ERROR: operator does not exist: uuid = text; Hint: No operator matches the given name and argument types. You might need to add explicit type casts.; Position: 32; SQLState: 42883',
    });
    const hinted = { ...bare, typeHint: 'UUID' as const };
    const sql = 'select count(*) from boat where id = :id';
    await expect(api.value(sql, { parameters: [hinted] })).resolves.toEqual({ longValue: 0 });
    await expect(api.value(`${sql}::uuid`, { parameters: [bare] })).resolves.toBeDefined();
  });

  it('wants JSON hinted, too', async () => {
    const cargo = { name: 'cargo', value: { stringValue: '{"tea":3}' } };
    const sql = "insert into boat (name, cargo) values ('Amalia', :cargo)";
    await expect(api.execute(sql, { parameters: [cargo] })).rejects.toThrow(/SQLState: 42804/);
    await expect(
      api.execute(sql, { parameters: [{ ...cargo, typeHint: 'JSON' }] }),
    ).resolves.toMatchObject({ numberOfRecordsUpdated: 1 });
  });

  it.each([
    ['DATE', '31-12-2026'],
    ['TIME', '25h'],
    ['TIMESTAMP', '2026-12-31T10:00:00Z'],
    ['DECIMAL', 'many'],
    ['UUID', '1234'],
  ] as const)('refuses a %s hint on %s', async (typeHint, stringValue) => {
    await expect(
      api.execute('select :x', { parameters: [{ name: 'x', value: { stringValue }, typeHint }] }),
    ).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('knows named parameters only', async () => {
    await expect(api.execute('select $1::text')).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: expect.stringMatching(/bind message supplies 0 parameters.*SQLState: 08P01/),
    });
    await expect(
      api.execute('select :gone', { parameters: [{ name: 'x', value: { longValue: 1 } }] }),
    ).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'Cannot find parameter: gone',
    });
  });

  it.each([
    ["'1 day'::interval", 'INTERVAL'],
    ["'10:00+02'::timetz", 'TIMETZ'],
    ["'12.50'::money", 'MONEY'],
    ["'(1,2)'::point", 'POINT'],
    ['\'c\'::"char"', '"CHAR"'],
    ["'boat'::regclass", 'regclass'],
    ["'{{1,2},{3,4}}'::int[]", 'multidimensional array'],
  ])('cannot return %s, and can return it as text', async (expression, type) => {
    await expect(api.execute(`select ${expression}`)).rejects.toMatchObject({
      name: 'UnsupportedResultException',
      message: `The result contains the unsupported data type ${type}.`,
    });
    await expect(api.value(`select (${expression})::text`)).resolves.toHaveProperty('stringValue');
  });

  it('cannot return an enum', async () => {
    await api.execute("create type rig as enum ('sloop', 'ketch')");
    await expect(api.execute("select 'sloop'::rig")).rejects.toMatchObject({
      message: 'The result contains the unsupported data type rig.',
    });
  });

  it('cuts off a result past 1 MiB and a row past 64 KB', async () => {
    await expect(
      api.execute("select repeat('x', 1000) from generate_series(1, 1100)"),
    ).rejects.toMatchObject({ name: 'UnsupportedResultException' });
    await expect(api.execute("select repeat('x', 66000)")).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'Packet for query is too large',
    });
    await expect(
      api.execute("select repeat('x', 1000) from generate_series(1, 900)"),
    ).resolves.toHaveProperty('records');
  });

  it('refuses a request past 4 MiB and SQL past 65536 characters', async () => {
    const stringValue = 'x'.repeat(4 * 1024 * 1024);
    await expect(
      api.execute('select length(:x)', { parameters: [{ name: 'x', value: { stringValue } }] }),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 413 } });
    await expect(api.execute(`select 1 ${' '.repeat(65_536)}`)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('keeps nothing from one call to the next', async () => {
    // WHEN a call changes its session in every way that could leak
    await api.execute("set lock_timeout = '123ms'");
    await api.execute('create temporary table leak (x int)');
    await api.execute('select pg_advisory_lock(4711)');
    // THEN no later call sees it, whichever session it gets
    const seen = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.execute(
          `select current_setting('lock_timeout'), to_regclass('leak')::text,
                  (select count(*) from pg_locks where locktype = 'advisory')`,
        ),
      ),
    );
    for (const { records } of seen) {
      expect(records?.[0]).toEqual([{ stringValue: '0' }, { isNull: true }, { longValue: 0 }]);
    }
  });

  it('cannot hold a transaction open without BeginTransaction', async () => {
    await api.execute('begin');
    await expect(api.value('select pg_current_xact_id_if_assigned()::text')).resolves.toEqual({
      isNull: true,
    });
  });

  it.each([
    [
      { resourceArn: 'arn:aws:rds:us-east-1:000000000000:cluster:gone' },
      'HttpEndpointNotEnabledException',
    ],
    [
      { secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:gone' },
      'SecretsErrorException',
    ],
    [{ resourceArn: 'short' }, 'ValidationException'],
  ])('refuses %j', async (wrong, name) => {
    await expect(api.execute('select 1', wrong)).rejects.toMatchObject({ name });
  });

  it('says which database does not exist', async () => {
    await expect(api.execute('select 1', { database: 'atlantis' })).rejects.toMatchObject({
      name: 'DatabaseErrorException',
      message: 'FATAL: database "atlantis" does not exist; SQLState: 3D000',
    });
  });

  it('refuses a statement without its members', async () => {
    const command = new ExecuteStatementCommand({ resourceArn, secretArn, sql: 'select 1' });
    delete (command.input as { sql?: string }).sql;
    await expect(api.client.send(command)).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
