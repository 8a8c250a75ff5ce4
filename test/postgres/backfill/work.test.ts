import { describe, expect, it } from '@jest/globals';
import type { BackfillWork } from '../../../lib/core/migration/migration.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';
import { type PreparedWork, prepareWork } from '../../../lib/postgres/backfill/work.ts';

const TABLE = { schema: 'public', name: 'items' };
const prepare = (work: BackfillWork): Promise<PreparedWork> =>
  prepareWork({ table: TABLE, work }, loadParser);
const sql = (text: string, alias = 'i') => prepare({ kind: 'sql', sql: text, alias });

describe('prepareWork', () => {
  it('writes an update of the walked table', async () => {
    const prepared = await prepare({
      kind: 'update',
      set: { total: 'price -- net', '"Tax"': '0' },
      where: 'total is null -- still',
    });
    expect(prepared).toMatchObject({
      work: { alias: 'items', updatedColumns: ['total', 'Tax'], changesEveryRow: false },
    });
    expect(prepared.kind === 'prepared' && prepared.work.statement('<range>')).toBe(
      'update "public"."items" set "total" = (price -- net\n), "Tax" = (0\n) where <range> and (total is null -- still\n)',
    );
  });

  it('puts the range in place of its marker, and of nothing that only looks like it', async () => {
    const prepared = await sql(
      `update items i set a = ':range', b = x::range /* :range */ where :range and c > 1; -- end`,
    );
    expect(prepared).toMatchObject({ work: { updatedColumns: ['a', 'b'] } });
    expect(prepared.kind === 'prepared' && prepared.work.statement('<range>')).toBe(
      `update items i set a = ':range', b = x::range /* :range */ where (<range>) and c > 1`,
    );
  });

  it('counts its rows where they have to be known at once', async () => {
    const prepared = await sql('delete from items i where :range');
    expect(prepared.kind === 'prepared' && prepared.work.counted('i.id = 7')).toBe(
      `with lockkeeper_moved as (
delete from items i where (i.id = 7)
returning 1
)
select count(*)::int4 as moved from lockkeeper_moved`,
    );
  });

  it('keeps a RETURNING that is there, and knows which table is written', async () => {
    const insert = await sql('insert into other select id from items i where :range returning id');
    expect(insert).toMatchObject({ work: { updatedColumns: [] } });
    expect(insert.kind === 'prepared' && insert.work.counted('<range>')).toMatch(
      /returning id\n\)/,
    );
    expect(
      await sql('update other o set a = 1 from items i where :range and o.id = i.id'),
    ).toMatchObject({ work: { updatedColumns: [] } });
  });

  it.each([
    ['delete from items', 'the SQL must have :range exactly once, got 0'],
    ['delete from items i where :range or :range', 'the SQL must have :range exactly once, got 2'],
    ['select from items i where :range', 'the SQL must be an INSERT, UPDATE or DELETE'],
    ['delete from items i where :range; select 1', 'the SQL must be one statement, got 2'],
    ['delete form items i where :range', 'syntax error at or near "form"'],
  ])('refuses %s', async (text, reason) => {
    expect(await sql(text)).toEqual({ kind: 'unusable', reason });
  });
});
