import { describe, expect, it } from '@jest/globals';
import { migrationWith, parsedMigration, problemsOf } from './migration-text.ts';

const problems = (lines: string) => problemsOf(migrationWith(lines));

describe('a backfill', () => {
  it('fails when an expression or the condition does not parse', () => {
    expect(
      problems(`backfill:
  - id: a
    table: t
    set: {x: 'round(', y: a b}
    where: |
      z is null
      and or z = 1
    undo: update t set x = null`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:6:20 sql-syntax: syntax error at end of input
    4 |   - id: a
    5 |     table: t
  > 6 |     set: {x: 'round(', y: a b}
      |                    ^
    7 |     where: |
  expected: one SQL expression

migrations/0002_add_billing/migration.yaml:6:29 sql-syntax: syntax error at or near "b"
    4 |   - id: a
    5 |     table: t
  > 6 |     set: {x: 'round(', y: a b}
      |                             ^
    7 |     where: |
  expected: one SQL expression

migrations/0002_add_billing/migration.yaml:9:11 sql-syntax: syntax error at or near "or"
     7 |     where: |
     8 |       z is null
  >  9 |       and or z = 1
       |           ^
    10 |     undo: update t set x = null
  expected: one SQL expression
"
`);
  });

  it('fails when :range is missing, only in a comment, or there twice', () => {
    expect(
      problems(`backfill:
  - {id: a, table: t, sql: update t set x = 1, undo: select 1}
  - id: b
    table: t
    sql: |
      update t set x = 1 -- where :range
    undo: select 1
  - id: c
    table: t
    sql: update t set x = 1 where :range and y in (select y from u where :range)
    undo: select 1`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:28 range-marker: the SQL has no :range, so each batch would do all the work
    2 | title: Add billing
    3 | backfill:
  > 4 |   - {id: a, table: t, sql: update t set x = 1, undo: select 1}
      |                            ^
    5 |   - id: b
  expected: :range once, where the condition on the key of the table belongs
  fix: where :range

migrations/0002_add_billing/migration.yaml:8:7 range-marker: the SQL has no :range, so each batch would do all the work
    6 |     table: t
    7 |     sql: |
  > 8 |       update t set x = 1 -- where :range
      |       ^
    9 |     undo: select 1
  expected: :range once, where the condition on the key of the table belongs
  fix: where :range

migrations/0002_add_billing/migration.yaml:12:74 range-marker: the SQL has :range 2 times
    10 |   - id: c
    11 |     table: t
  > 12 |     sql: update t set x = 1 where :range and y in (select y from u where :range)
       |                                                                          ^
    13 |     undo: select 1
  expected: :range once, where the condition on the key of the table belongs
"
`);
  });

  it('fails when the SQL does not parse, at its place in spite of :range before it', () => {
    expect(
      problems(`backfill:
  - id: a
    table: t
    sql: update t set x = 1 where :range annd y
    undo: select 1
  - id: b
    table: t
    sql: update t set x = 'open where :range
    undo: select 1`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:6:42 sql-syntax: syntax error at or near "annd"
    4 |   - id: a
    5 |     table: t
  > 6 |     sql: update t set x = 1 where :range annd y
      |                                          ^
    7 |     undo: select 1

migrations/0002_add_billing/migration.yaml:10:27 sql-syntax: unterminated quoted string at or near "'open where :range"
     8 |   - id: b
     9 |     table: t
  > 10 |     sql: update t set x = 'open where :range
       |                           ^
    11 |     undo: select 1
"
`);
  });

  it('fails when the SQL writes nothing, or is several statements', () => {
    expect(
      problems(`backfill:
  - {id: a, table: t, sql: 'select * from t where :range', undo: select 1}
  - {id: b, table: t, sql: 'delete from t where :range; delete from u', undo: select 1; select 2}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:29 not-a-write: the SQL of a backfill does not write rows
    2 | title: Add billing
    3 | backfill:
  > 4 |   - {id: a, table: t, sql: 'select * from t where :range', undo: select 1}
      |                             ^
    5 |   - {id: b, table: t, sql: 'delete from t where :range; delete from u', undo: select 1; select 2}
  expected: one INSERT, UPDATE or DELETE

migrations/0002_add_billing/migration.yaml:5:57 not-a-write: the backfill has 2 statements
    3 | backfill:
    4 |   - {id: a, table: t, sql: 'select * from t where :range', undo: select 1}
  > 5 |   - {id: b, table: t, sql: 'delete from t where :range; delete from u', undo: select 1; select 2}
      |                                                         ^
    6 |
  expected: one INSERT, UPDATE or DELETE
  fix: write one backfill for each statement

migrations/0002_add_billing/migration.yaml:5:89 undo-count: the undo of a backfill is one statement, this one has 2
    3 | backfill:
    4 |   - {id: a, table: t, sql: 'select * from t where :range', undo: select 1}
  > 5 |   - {id: b, table: t, sql: 'delete from t where :range; delete from u', undo: select 1; select 2}
      |                                                                                         ^
    6 |
  expected: one statement
"
`);
  });

  it('fails when its work is missing, or given twice, or mixes keys of the two forms', () => {
    expect(
      problems(`backfill:
  - {id: a, table: t, undo: select 1}
  - {id: b, table: t, set: {x: 1}, sql: 'update t set x = 1 where :range', undo: select 1}
  - {id: c, table: t, set: {x: 1}, alias: u, undo: select 1}
  - {id: d, table: t, sql: 'update t set x = 1 where :range', where: x is null, undo: select 1}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:5 missing-key: the backfill a has no work
    2 | title: Add billing
    3 | backfill:
  > 4 |   - {id: a, table: t, undo: select 1}
      |     ^
    5 |   - {id: b, table: t, set: {x: 1}, sql: 'update t set x = 1 where :range', undo: select 1}
  expected: one of set, sql and file

migrations/0002_add_billing/migration.yaml:5:5 one-of: the backfill b has set and sql
    3 | backfill:
    4 |   - {id: a, table: t, undo: select 1}
  > 5 |   - {id: b, table: t, set: {x: 1}, sql: 'update t set x = 1 where :range', undo: select 1}
      |     ^
    6 |   - {id: c, table: t, set: {x: 1}, alias: u, undo: select 1}
  expected: one of set, sql and file

migrations/0002_add_billing/migration.yaml:6:43 one-of: alias has no meaning beside set
    4 |   - {id: a, table: t, undo: select 1}
    5 |   - {id: b, table: t, set: {x: 1}, sql: 'update t set x = 1 where :range', undo: select 1}
  > 6 |   - {id: c, table: t, set: {x: 1}, alias: u, undo: select 1}
      |                                           ^
    7 |   - {id: d, table: t, sql: 'update t set x = 1 where :range', where: x is null, undo: select 1}
  expected: alias only beside sql or file
  fix: remove alias

migrations/0002_add_billing/migration.yaml:7:70 one-of: where has no meaning beside sql
    5 |   - {id: b, table: t, set: {x: 1}, sql: 'update t set x = 1 where :range', undo: select 1}
    6 |   - {id: c, table: t, set: {x: 1}, alias: u, undo: select 1}
  > 7 |   - {id: d, table: t, sql: 'update t set x = 1 where :range', where: x is null, undo: select 1}
      |                                                                      ^
    8 |
  expected: where only beside set
  fix: write the condition inside the SQL, beside :range
"
`);
  });

  it('fails when it writes what was there before and has no undo', () => {
    expect(
      problems(`expand:
  - {id: x, sql: alter table t add column x int, undo: alter table t drop column x}
  - {id: u, sql: create table if not exists u (id int), undo: select 1}
backfill:
  - {id: a, table: t, set: {x: 1, y: 2}}
  - {id: b, table: t, sql: 'insert into u select id from t where :range'}
  - {id: c, table: t, sql: 'with d as (delete from t where :range returning id) update t set x = 1 from d'}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:7:5 missing-undo: the backfill a writes t.y, which this migration's expand did not create
    5 |   - {id: u, sql: create table if not exists u (id int), undo: select 1}
    6 | backfill:
  > 7 |   - {id: a, table: t, set: {x: 1, y: 2}}
      |     ^
    8 |   - {id: b, table: t, sql: 'insert into u select id from t where :range'}
  expected: undo or undo_file, or writes only to what expand created

migrations/0002_add_billing/migration.yaml:8:5 missing-undo: the backfill b writes rows of u, which this migration's expand did not create
    6 | backfill:
    7 |   - {id: a, table: t, set: {x: 1, y: 2}}
  > 8 |   - {id: b, table: t, sql: 'insert into u select id from t where :range'}
      |     ^
    9 |   - {id: c, table: t, sql: 'with d as (delete from t where :range returning id) update t set x = 1 from d'}
  expected: undo or undo_file, or writes only to what expand created

migrations/0002_add_billing/migration.yaml:9:5 missing-undo: the backfill c writes rows of t, which this migration's expand did not create
     7 |   - {id: a, table: t, set: {x: 1, y: 2}}
     8 |   - {id: b, table: t, sql: 'insert into u select id from t where :range'}
  >  9 |   - {id: c, table: t, sql: 'with d as (delete from t where :range returning id) update t set x = 1 from d'}
       |     ^
    10 |
  expected: undo or undo_file, or writes only to what expand created
"
`);
  });

  it('fails when its pace has wrong numbers', () => {
    expect(
      problems(`backfill:
  - id: a
    table: t
    set: {x: 1}
    undo: select 1
    batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
  - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  - {id: c, table: t, set: {x: 1}, undo: select 1, batch: {pause: 53w}}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:8:21 duration: backfill[0].batch.target is 100, a number
    6 |     set: {x: 1}
    7 |     undo: select 1
  > 8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
      |                     ^
    9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h
  fix: write the unit: 100ms, 100s, 100m, 100h or 100d

migrations/0002_add_billing/migration.yaml:8:33 duration: backfill[0].batch.pause is "2 fortnights"
    6 |     set: {x: 1}
    7 |     undo: select 1
  > 8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
      |                                 ^
    9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h

migrations/0002_add_billing/migration.yaml:8:57 wrong-value: backfill[0].batch.min_rows is 0, a number
    6 |     set: {x: 1}
    7 |     undo: select 1
  > 8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
      |                                                         ^
    9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  expected: a whole number from 1 to 1000000

migrations/0002_add_billing/migration.yaml:8:70 wrong-type: backfill[0].batch.max_rows is 1.5, a number
    6 |     set: {x: 1}
    7 |     undo: select 1
  > 8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
      |                                                                      ^
    9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  expected: a whole number from 1 to 1000000

migrations/0002_add_billing/migration.yaml:8:93 wrong-value: backfill[0].batch.quarantine_limit is -1, a number
    6 |     set: {x: 1}
    7 |     undo: select 1
  > 8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
      |                                                                                             ^
    9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  expected: a whole number from 0 to 1000000

migrations/0002_add_billing/migration.yaml:9:70 wrong-value: backfill[1].batch.min_rows is 500, a number
     7 |     undo: select 1
     8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
  >  9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
       |                                                                      ^
    10 |   - {id: c, table: t, set: {x: 1}, undo: select 1, batch: {pause: 53w}}
  expected: at most max_rows

migrations/0002_add_billing/migration.yaml:10:67 duration: backfill[2].batch.pause is "53w"
     8 |     batch: {target: 100, pause: 2 fortnights, min_rows: 0, max_rows: 1.5, quarantine_limit: -1}
     9 |   - {id: b, table: t, set: {x: 1}, undo: select 1, batch: {min_rows: 500, max_rows: 100}}
  > 10 |   - {id: c, table: t, set: {x: 1}, undo: select 1, batch: {pause: 53w}}
       |                                                                   ^
    11 |
  expected: at most 365d, as long as a workflow may run
"
`);
  });
});

describe('the undo of a backfill', () => {
  const EXPAND = `expand:
  - {id: x, sql: alter table public.t add column x int, undo: alter table t drop column x}
  - {id: u, sql: create table u (id int), undo: drop table u}`;

  it.each([
    ['a new column', '{id: a, table: t, set: {x: 1}}', 't.x'],
    ['a new column in quotes', `{id: a, table: t, set: {'"x"': 1}}`, 't.x'],
    [
      'a new table',
      "{id: a, table: t, sql: 'insert into u select id from t where :range'}",
      'rows of u',
    ],
    [
      'a new table, by name',
      "{id: a, table: u, sql: 'delete from public.u where :range'}",
      'rows of public.u',
    ],
  ])('is nothing when it writes %s', (_what, backfill, written) => {
    const migration = parsedMigration(migrationWith(`${EXPAND}\nbackfill: [${backfill}]`));
    expect(migration.backfill[0]?.undo).toEqual({
      kind: 'nothing',
      why: `it writes only what expand created: ${written}`,
    });
  });

  it('is not asked for while expand cannot be read', () => {
    const found = problems(
      'expand: [{id: x, sql: alter tabel t add x int, undo: select 1}]\nbackfill: [{id: a, table: t, set: {x: 1}}]',
    );
    expect(found).toContain('sql-syntax');
    expect(found).not.toContain('missing-undo');
  });

  it('counts expand steps that have problems of their own', () => {
    const found = problems(
      'expand: [{id: x, sql: alter table t add x int}]\nbackfill: [{id: a, table: t, set: {x: 1}}]',
    );
    expect(found.match(/missing-undo/g)).toHaveLength(1);
  });
});

describe('the bytes of a batch', () => {
  const batch = (value: string) =>
    migrationWith(
      `backfill: [{id: a, table: t, sql: 'delete from t where :range', undo: select 1, batch: {max_bytes: ${value}}}]`,
    );

  it('are read with their unit, and kept where they are not the default', () => {
    const pacing = (value: string) => parsedMigration(batch(value)).backfill[0]?.pacing;
    expect(pacing('512kB')).toMatchObject({ maxBytes: 524_288 });
    expect(pacing('1.5 MB')).toMatchObject({ maxBytes: 1_572_864 });
    expect(pacing('16MB')).not.toHaveProperty('maxBytes');
  });

  it('fail without a unit, with another one, and out of range', () => {
    expect(problemsOf(batch('32'))).toContain('write the unit: 32MB');
    expect(problemsOf(batch('32M'))).toContain('a size with its unit (kB, MB or GB)');
    expect(problemsOf(batch('1kB'))).toContain('64kB to 1GB');
    expect(problemsOf(batch('2GB'))).toContain('64kB to 1GB');
  });
});

describe('the marker of a backfill', () => {
  it('is not confused with casts, literals and comments', () => {
    const sql = "update t set r = '[1,2]'::range, s = ':range' /* :range */ where :range";
    const migration = parsedMigration(
      migrationWith(`backfill: [{id: a, table: t, sql: "${sql}", undo: select 1}]`),
    );
    expect(migration.backfill[0]?.work).toEqual({ kind: 'sql', sql, alias: 't' });
  });

  it('goes with the name of the table unless there is an alias', () => {
    const migration = parsedMigration(
      migrationWith(
        `backfill: [{id: a, table: 'app."Big Table"', sql: 'delete from app."Big Table" where :range', undo: select 1}]`,
      ),
    );
    expect(migration.backfill[0]?.work).toMatchObject({ alias: 'Big Table' });
  });
});
