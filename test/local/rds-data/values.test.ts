import type { Field, SqlParameter } from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timestamptzText } from '../../../lib/local/rds-data/time-text.ts';
import { type DataApi, startDataApi } from './data-api.ts';

describe('values through the Data API', () => {
  let api: DataApi;

  beforeAll(async () => {
    api = await startDataApi();
  });
  afterAll(() => api.close());

  const sent = (
    value: Field,
    typeHint?: SqlParameter['typeHint'],
  ): { parameters: SqlParameter[] } => ({
    parameters: [{ name: 'x', value, ...(typeHint && { typeHint }) }],
  });

  it.each<[string, Field]>([
    ['true', { booleanValue: true }],
    ['1::int2', { longValue: 1 }],
    ['-7::int8', { longValue: -7 }],
    ['1.5::float8', { doubleValue: 1.5 }],
    ['12.340::numeric', { stringValue: '12.340' }],
    ["'a'::text", { stringValue: 'a' }],
    ["'pg'::name", { stringValue: 'pg' }],
    ["'\\x0102ff'::bytea", { blobValue: new Uint8Array([1, 2, 255]) }],
    ['null::int', { isNull: true }],
    ['\'{"a": 1}\'::jsonb', { stringValue: '{"a": 1}' }],
    ["'2026-02-03'::date", { stringValue: '2026-02-03' }],
    ["'10:20:30.5'::time", { stringValue: '10:20:30.500' }],
    ["'2026-02-03 10:20:30'::timestamp", { stringValue: '2026-02-03 10:20:30' }],
    ["'2026-02-03 00:20:30.123456+02'::timestamptz", { stringValue: '2026-02-02 22:20:30.123456' }],
    ["'{1,2}'::int[]", { arrayValue: { longValues: [1, 2] } }],
    [
      "array['a,b', 'c\"d', '', 'NULL']",
      { arrayValue: { stringValues: ['a,b', 'c"d', '', 'NULL'] } },
    ],
    ["'{t,f}'::bool[]", { arrayValue: { booleanValues: [true, false] } }],
    ["'{}'::text[]", { arrayValue: { stringValues: [] } }],
    ["'{1.5}'::float8[]", { arrayValue: { doubleValues: [1.5] } }],
  ])('%s comes back as %j', async (expression, field) => {
    expect(await api.value(`select ${expression}`)).toEqual(field);
  });

  it('returns timestamptz in UTC even when the session has another zone', async () => {
    const transactionId = await api.begin();
    await api.execute("set local timezone = 'Asia/Kolkata'", { transactionId });
    expect(
      await api.value("select '2026-02-03 00:00:00+00'::timestamptz", { transactionId }),
    ).toEqual({ stringValue: '2026-02-03 00:00:00' });
    await api.rollback(transactionId);
  });

  it.each<[Field, SqlParameter['typeHint'], string, Field]>([
    [{ longValue: 3 }, undefined, 'bigint', { stringValue: '3' }],
    [{ doubleValue: 3 }, undefined, 'double precision', { stringValue: '3' }],
    [{ booleanValue: false }, undefined, 'boolean', { stringValue: 'false' }],
    [{ stringValue: "it's" }, undefined, 'text', { stringValue: "it's" }],
    [{ blobValue: new Uint8Array([0, 1]) }, undefined, 'bytea', { stringValue: '\\x0001' }],
    [{ stringValue: '2026-01-02' }, 'DATE', 'date', { stringValue: '2026-01-02' }],
    [
      { stringValue: '10:00:00.25' },
      'TIME',
      'time without time zone',
      { stringValue: '10:00:00.25' },
    ],
    [
      { stringValue: '2026-01-02 10:00:00' },
      'TIMESTAMP',
      'timestamp without time zone',
      { stringValue: '2026-01-02 10:00:00' },
    ],
    [{ stringValue: '1.10' }, 'DECIMAL', 'numeric', { stringValue: '1.10' }],
    [{ stringValue: '{"a":1}' }, 'JSON', 'json', { stringValue: '{"a":1}' }],
    [{ isNull: true }, 'UUID', 'uuid', { isNull: true }],
  ])('%j with hint %s arrives as %s', async (value, hint, type, text) => {
    const { records } = await api.execute(
      'select pg_typeof(:x)::text, :x::text',
      sent(value, hint),
    );
    expect(records?.[0]).toEqual([{ stringValue: type }, text]);
  });

  it('keeps every digit of a bigint, both ways', async () => {
    const parameter = { name: 'x', value: { longValue: 9007199254740993n as unknown as number } };
    expect(
      await api.value('select :x::int8', {
        parameters: [parameter],
        resultSetOptions: { longReturnType: 'STRING' },
      }),
    ).toEqual({ stringValue: '9007199254740993' });
  });

  it('returns decimals as numbers when asked', async () => {
    const { records } = await api.execute('select 1.25::numeric, 7::numeric', {
      resultSetOptions: { decimalReturnType: 'DOUBLE_OR_LONG' },
    });
    expect(records?.[0]).toEqual([{ doubleValue: 1.25 }, { longValue: 7 }]);
  });

  it('describes columns only when asked', async () => {
    const sql =
      "select 1 as one, 'a'::varchar(20) as letter, 1.5::numeric(10,2) as price, array[1] as list";
    expect((await api.execute(sql)).columnMetadata).toBeUndefined();
    const { columnMetadata } = await api.execute(sql, { includeResultMetadata: true });
    expect(columnMetadata).toMatchObject([
      { name: 'one', label: 'one', typeName: 'int4', type: 4, precision: 10, isSigned: true },
      { typeName: 'varchar', type: 12, precision: 20, isCaseSensitive: true },
      { typeName: 'numeric', type: 2, precision: 10, scale: 2 },
      { typeName: '_int4', type: 2003, arrayBaseColumnType: 4 },
    ]);
  });

  it('counts what a statement changed', async () => {
    await api.execute('create table crate (id int primary key)');
    const counts = [
      await api.execute('insert into crate select generate_series(1, 5)'),
      await api.execute('update crate set id = id + 10 where id < 3'),
      await api.execute('select * from crate'),
      await api.execute('delete from crate returning id'),
    ].map((result) => result.numberOfRecordsUpdated);
    expect(counts).toEqual([5, 2, 0, 0]);
  });

  describe('as JSON', () => {
    it('is one text of row objects, without metadata', async () => {
      const result = await api.execute(
        `select 1 as n, 'x' as t, true as b, null as z, '\\x01'::bytea as raw, array[1,2] as list,
                9007199254740993::int8 as big`,
        { formatRecordsAs: 'JSON', includeResultMetadata: true },
      );
      expect(result.records).toBeUndefined();
      expect(result.columnMetadata).toBeUndefined();
      expect(result.formattedRecords).toBe(
        '[{"n":1,"t":"x","b":true,"z":null,"raw":"AQ==","list":[1,2],"big":9007199254740993}]',
      );
    });

    it('refuses two columns of one name', async () => {
      await expect(
        api.execute('select 1 as a, 2 as a', { formatRecordsAs: 'JSON' }),
      ).rejects.toMatchObject({ name: 'BadRequestException' });
    });

    it('applies to SELECT alone', async () => {
      await api.execute('create table tag (id int)');
      const result = await api.execute('insert into tag values (1) returning id', {
        formatRecordsAs: 'JSON',
      });
      expect(result).toMatchObject({ records: [[{ longValue: 1 }]] });
      expect(result.formattedRecords).toBeUndefined();
    });
  });

  it('runs a batch set by set, and commits each set by itself', async () => {
    // GIVEN
    await api.execute('create table berth (n int primary key)');
    const set = (n: number): SqlParameter[] => [{ name: 'n', value: { longValue: n } }];
    // WHEN
    expect(await api.batch('insert into berth values (:n)', [set(1), set(2)])).toMatchObject({
      updateResults: [{ generatedFields: [] }, { generatedFields: [] }],
    });
    await expect(
      api.batch('insert into berth values (:n)', [set(3), set(2), set(4)]),
    ).rejects.toThrow(/SQLState: 23505/);
    // THEN
    expect(await api.value('select array_agg(n order by n) from berth')).toEqual({
      arrayValue: { longValues: [1, 2, 3] },
    });
  });

  it('any text survives the way there and back', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), async (strings) => {
        const parameters = [{ name: 'x', value: { stringValue: JSON.stringify(strings) } }];
        const { records } = await api.execute(
          'select :x, (select array_agg(v) from json_array_elements_text(:x::json) v)',
          { parameters },
        );
        expect(records?.[0]).toEqual([
          { stringValue: JSON.stringify(strings) },
          { arrayValue: { stringValues: strings } },
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('any instant in any zone is the same instant in UTC', () => {
    const offset = fc.integer({ min: -15 * 60, max: 15 * 60 });
    const instant = fc.date({
      min: new Date('1000-01-01'),
      max: new Date('9998-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, offset, (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString();
        const two = (n: number): string => String(Math.trunc(Math.abs(n))).padStart(2, '0');
        const zone = `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
        const utc = timestamptzText(`${local.slice(0, -1).replace('T', ' ')}${zone}`);
        expect(new Date(`${utc.replace(' ', 'T')}Z`)).toEqual(date);
      }),
    );
  });
});
