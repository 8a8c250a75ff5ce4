import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Chamber, openChamber } from './lock-chamber.ts';

let chamber: Chamber;
beforeAll(async () => {
  chamber = await openChamber();
});
afterAll(() => chamber.close());

/** Column definitions of the key, the key's constraint, and expressions over `n` that make its values. */
const KEYS: Readonly<Record<string, readonly [string, string, string]>> = {
  'a bigint': ['id bigint', 'primary key (id)', 'n'],
  'a smallint with negative values': ['id smallint', 'primary key (id)', 'n - 300'],
  'sparse integers that count in steps of 16': ['id int', 'primary key (id)', 'n * 16000'],
  'a uuid': ['id uuid', 'primary key (id)', 'gen_random_uuid()'],
  'text with quotes, backslashes, colons and letters of many alphabets': [
    'id text',
    'primary key (id)',
    `(array['it''s', '\\back', ':range', 'Ärger', '日本', '', '"q"', '--x', '$1', E'tab\\t'])[1 + n % 10] || n`,
  ],
  'text with a collation of its own': [
    'id text collate "C.utf8"',
    'primary key (id)',
    `(array['a', 'B', 'ß', 'Z', 'é'])[1 + n % 5] || n`,
  ],
  'character varying': ['id varchar(20)', 'primary key (id)', `'k' || n`],
  'a numeric': ['id numeric', 'primary key (id)', '(n - 300) / 7.0'],
  'a timestamp with time zone': [
    'id timestamptz',
    'primary key (id)',
    `timestamptz '0001-01-01 BC' + n * interval '3 years 1.000001 s'`,
  ],
  'a date': ['id date', 'primary key (id)', `date '1999-12-01' + n`],
  bytea: ['id bytea', 'primary key (id)', `decode(md5(n::text), 'hex')`],
  'a composite of text and bigint': [
    'tenant text, id bigint',
    'primary key (tenant, id)',
    `'t''' || n % 3, n`,
  ],
  'quoted names': ['"Order No" bigint', 'primary key ("Order No")', 'n'],
  'the columns of a unique index in descending order': [
    'id bigint not null, part date not null',
    'check (true)); create unique index on items (part desc, id desc',
    `n, date '2024-01-01' + n % 5`,
  ],
};
/** Random keys are spread over the pages already: never strided. */
const SCATTERED = ['a uuid'];

describe('runBackfillSlice walks every type of key', () => {
  for (const [name, [columns, constraint, values]] of Object.entries(KEYS)) {
    for (const strided of [false, true]) {
      it(`moves each row once along ${name}, ${strided ? 'strided' : 'in plain ranges'}`, async () => {
        // GIVEN
        await chamber.sql('drop table if exists items; truncate lockkeeper.backfills');
        await chamber.sql(`create table items (${columns}, moved int default 0, ${constraint})`);
        await chamber.sql(`insert into items select ${values} from generate_series(1, 600) n`);
        await chamber.sql('analyze items');
        // The estimate decides about strides; a test cannot have ten thousand rows of each type.
        if (strided) {
          await chamber.sql(`update pg_class set reltuples = 1e6 where oid = 'items'::regclass`);
          await chamber.sql(`delete from pg_statistic where starelid = 'items'::regclass`);
        }

        // WHEN
        const outcome = await chamber.slice(await chamber.step());

        // THEN
        const kinds = chamber.reports.splice(0).map(({ note }) => note?.split(/ by|:/)[0]);
        const expected = strided && !SCATTERED.includes(name) ? 'strided' : 'plain ranges';
        expect(kinds.filter((kind) => kind?.endsWith('changed') !== true)).toContain(expected);
        expect(new Set(kinds).size).toBe(2);
        expect(outcome).toEqual({ kind: 'done', rows: 600, quarantined: 0 });
        expect(await chamber.sql('select moved, count(*)::int from items group by 1')).toEqual([
          { moved: 1, count: 600 },
        ]);
      });
    }
  }
});
