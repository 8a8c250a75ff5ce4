import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { boundCheck } from '../../../lib/core/operations/bound-check.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { columnOf, tableOf } from './models.ts';

let parser: SqlParser;
let test: TestDatabase;
let client: pg.Client;
const notices: string[] = [];
beforeAll(async () => {
  parser = await loadParser();
  test = await freshDatabase();
  client = new pg.Client({ connectionString: test.url });
  client.on('notice', ({ message }) => notices.push(message ?? ''));
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await test.drop();
});

const parentWith = (partitionKey: string) =>
  tableOf('parent', [], {
    kind: 'partitioned-table',
    partitionKey,
    columns: ['a', 'B', 'c'].map((name) => columnOf(name)),
  });

describe('the CHECK that proves a bound', () => {
  it.each([
    ['RANGE (a)', 'FOR VALUES FROM (1) TO (10)'],
    ['RANGE (a)', 'for values from (minvalue) to (10)'],
    ['RANGE (a)', 'FOR VALUES FROM (1) TO (MAXVALUE)'],
    ['RANGE (c)', "FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')"],
    ['RANGE (a, "B")', "FOR VALUES FROM (1, 'k') TO (5, 'm')"],
    ['RANGE (a, "B")', "FOR VALUES FROM (1, 'a, (b') TO (1, 'x')"],
    ['RANGE (a, "B")', 'FOR VALUES FROM (1, MINVALUE) TO (1, MAXVALUE)'],
    ['RANGE (a, "B", c)', "FOR VALUES FROM (1, 'k', MINVALUE) TO (5, MAXVALUE, MAXVALUE)"],
    ['RANGE (a, "B", c)', "FOR VALUES FROM (1, 'k', '2025-01-01') TO (5, 'z', '2026-01-01')"],
    ['LIST (a)', 'FOR VALUES IN (1, 2, 3)'],
    ['LIST (a)', 'FOR VALUES IN (7)'],
    ['LIST ("B")', "FOR VALUES IN ('x', NULL, 'it''s')"],
    ['LIST ("B")', 'FOR VALUES IN (NULL)'],
  ])(
    'GIVEN %s, WHEN %s is attached THEN neither it nor the default partition is read',
    async (key, bound) => {
      const check = boundCheck(parser, parentWith(key), bound);
      if (check.kind === 'refused') throw new Error(check.why);
      await client.query(`
      drop table if exists parent, child cascade;
      create table parent (a int, "B" text, c date) partition by ${key};
      create table rest partition of parent default;
      create table child (a int, "B" text, c date, constraint bound check (${check.condition}));
      alter table rest add constraint excludes check (not (${check.condition}));`);
      notices.length = 0;
      await client.query(
        `set client_min_messages = debug1; alter table parent attach partition child ${bound}; reset client_min_messages`,
      );
      const implied = notices.filter((notice) =>
        notice.includes('is implied by existing constraints'),
      );
      expect(implied).toEqual([
        expect.stringContaining('"child"'),
        expect.stringContaining('"rest"'),
      ]);
    },
  );

  it.each([
    ['HASH (a)', 'FOR VALUES WITH (modulus 2, remainder 0)', /no CHECK can prove the bound/],
    ['RANGE (lower("B"))', "FOR VALUES FROM ('a') TO ('b')", /no CHECK can prove the bound/],
    ['RANGE (a)', 'FOR VALUES IN (1)', /does not fit the key/],
    ['RANGE (a, c)', 'FOR VALUES FROM (1) TO (2)', /does not fit the key/],
    ['RANGE (a)', 'FOR VALUES FROM (1) TO (2); drop table x', /not the bound of a partition/],
  ])('GIVEN %s THEN %s is refused', (key, bound, why) => {
    const check = boundCheck(parser, parentWith(key), bound);
    expect(check).toMatchObject({
      kind: 'refused',
      path: ['bound'],
      why: expect.stringMatching(why),
    });
  });
});
