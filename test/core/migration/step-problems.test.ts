import { describe, expect, it } from '@jest/globals';
import { migrationWith, problemsOf } from './migration-text.ts';

const problems = (lines: string, files: Readonly<Record<string, string>> = {}) =>
  problemsOf(migrationWith(lines), files);

describe('SQL of a step', () => {
  it('fails when it has a syntax error, shown in the YAML block it is written in', () => {
    expect(
      problems(`expand:
  - id: tables
    sql: |
      create table a (id int);

      create tabel b (id int)
    undo: drop table b; drop table a`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:8:14 sql-syntax: syntax error at or near "tabel"
    6 |       create table a (id int);
    7 |
  > 8 |       create tabel b (id int)
      |              ^
    9 |     undo: drop table b; drop table a
"
`);
  });

  it('fails when a folded, quoted text has a syntax error', () => {
    expect(
      problems(`expand:
  - id: tables
    sql: "comment on table a is 'it''s \\"quoted\\"'
      \\n\\tselec 1"
    undo: 'comment on table a is ''x'' oops'`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:6:11 sql-syntax: syntax error at or near "selec"
    4 |   - id: tables
    5 |     sql: "comment on table a is 'it''s \\"quoted\\"'
  > 6 |       \\n\\tselec 1"
      |           ^
    7 |     undo: 'comment on table a is ''x'' oops'

migrations/0002_add_billing/migration.yaml:7:40 sql-syntax: syntax error at or near "oops"
    5 |     sql: "comment on table a is 'it''s \\"quoted\\"'
    6 |       \\n\\tselec 1"
  > 7 |     undo: 'comment on table a is ''x'' oops'
      |                                        ^
    8 |
"
`);
  });

  it('fails when a file has a syntax error, shown in that file', () => {
    expect(
      problems('expand: [{id: a, file: a.sql, undo: drop table a}]', {
        'a.sql': '-- Größe 🚢\ncreate table a (\n  größe int,,\n  b int\n);\n',
      }),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/a.sql:3:13 sql-syntax: syntax error at or near ","
    1 | -- Größe 🚢
    2 | create table a (
  > 3 |   größe int,,
      |             ^
    4 |   b int
"
`);
  });

  it('fails when it is a command of psql', () => {
    expect(
      problems('expand: [{id: a, file: a.sql, undo: drop table a}]', {
        'a.sql': '\\set ON_ERROR_STOP on\ncreate table a ();\n',
      }),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/a.sql:1:1 psql-command: \\set is a command of psql, not SQL
  > 1 | \\set ON_ERROR_STOP on
      | ^
    2 | create table a ();
  expected: SQL that any client can send
  fix: remove \\set
"
`);
  });

  it('fails when it controls transactions or the session, or talks to a client', () => {
    expect(
      problems(`expand:
  - id: a
    sql: |
      begin;
      set lock_timeout = '1s';
      copy a from stdin;
      commit
    undo: reset all`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:6:7 transaction-control: begin controls a transaction
    4 |   - id: a
    5 |     sql: |
  > 6 |       begin;
      |       ^
    7 |       set lock_timeout = '1s';
  expected: statements only; each runs in a transaction of its own where that is possible
  fix: remove begin

migrations/0002_add_billing/migration.yaml:7:7 session-setting: set changes a setting of the session
    5 |     sql: |
    6 |       begin;
  > 7 |       set lock_timeout = '1s';
      |       ^
    8 |       copy a from stdin;
  expected: names with their schema; timeouts are set for each statement by its kind
  fix: remove set

migrations/0002_add_billing/migration.yaml:8:7 client-copy: COPY here would read from or write to a client
    6 |       begin;
    7 |       set lock_timeout = '1s';
  > 8 |       copy a from stdin;
      |       ^
    9 |       commit
  expected: rows in an INSERT

migrations/0002_add_billing/migration.yaml:9:7 transaction-control: commit controls a transaction
     7 |       set lock_timeout = '1s';
     8 |       copy a from stdin;
  >  9 |       commit
       |       ^
    10 |     undo: reset all
  expected: statements only; each runs in a transaction of its own where that is possible
  fix: remove commit

migrations/0002_add_billing/migration.yaml:10:11 session-setting: reset changes a setting of the session
     8 |       copy a from stdin;
     9 |       commit
  > 10 |     undo: reset all
       |           ^
    11 |
  expected: names with their schema; timeouts are set for each statement by its kind
  fix: remove reset
"
`);
  });

  it('fails when it holds no statement', () => {
    expect(problems("expand: [{id: a, sql: '-- later', undo: select 1}]")).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:3:24 empty-sql: the SQL holds no statement
    1 | version: 1
    2 | title: Add billing
  > 3 | expand: [{id: a, sql: '-- later', undo: select 1}]
      |                        ^
    4 |
  expected: one statement at least
"
`);
  });

  it('fails when there is none, or it is given twice', () => {
    expect(
      problems(
        `expand:
  - {id: a, undo: drop table a}
  - {id: b, sql: create table b (), file: b.sql, undo: drop table b}`,
        { 'b.sql': 'create table b ()' },
      ),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:5 missing-key: the step a has no SQL
    2 | title: Add billing
    3 | expand:
  > 4 |   - {id: a, undo: drop table a}
      |     ^
    5 |   - {id: b, sql: create table b (), file: b.sql, undo: drop table b}
  expected: sql or file

migrations/0002_add_billing/migration.yaml:5:43 one-of: the step has both sql and file
    3 | expand:
    4 |   - {id: a, undo: drop table a}
  > 5 |   - {id: b, sql: create table b (), file: b.sql, undo: drop table b}
      |                                           ^
    6 |
  expected: sql or file
  fix: remove sql or file
"
`);
  });
});

describe('files', () => {
  it('fails when a file is outside of the folder', () => {
    expect(
      problems(`expand:
  - {id: a, file: ../0001_x/a.sql, undo: drop table a}
  - {id: b, file: /etc/b.sql, undo: drop table b}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:19 file-outside: ../0001_x/a.sql is not a path inside the folder of the migration
    2 | title: Add billing
    3 | expand:
  > 4 |   - {id: a, file: ../0001_x/a.sql, undo: drop table a}
      |                   ^
    5 |   - {id: b, file: /etc/b.sql, undo: drop table b}
  expected: a path relative to the folder, with forward slashes and without ..

migrations/0002_add_billing/migration.yaml:5:19 file-outside: /etc/b.sql is not a path inside the folder of the migration
    3 | expand:
    4 |   - {id: a, file: ../0001_x/a.sql, undo: drop table a}
  > 5 |   - {id: b, file: /etc/b.sql, undo: drop table b}
      |                   ^
    6 |
  expected: a path relative to the folder, with forward slashes and without ..
"
`);
  });

  it('fails when a file is not there, and names the one that is meant', () => {
    expect(
      problems('expand: [{id: a, file: expand/synk.sql, undo: drop table a}]', {
        'expand/sync.sql': 'create table a ()',
      }),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:3:24 missing-file: there is no file expand/synk.sql
    1 | version: 1
    2 | title: Add billing
  > 3 | expand: [{id: a, file: expand/synk.sql, undo: drop table a}]
      |                        ^
    4 |
  expected: a .sql file in the folder of the migration
  fix: write expand/sync.sql
"
`);
  });

  it('fails when a file is not SQL', () => {
    expect(
      problems('expand: [{id: a, file: a.txt, undo: drop table a}]', { 'a.txt': 'select 1' }),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:3:24 missing-file: a.txt is not a .sql file
    1 | version: 1
    2 | title: Add billing
  > 3 | expand: [{id: a, file: a.txt, undo: drop table a}]
      |                        ^
    4 |
  expected: a .sql file in the folder of the migration
"
`);
  });
});

describe('undo of a step', () => {
  it('fails when there is none, and suggests one that can be derived', () => {
    expect(
      problems(`expand:
  - {id: a, sql: 'alter table t add column x int, add column y int'}
  - id: b
    sql: |
      create table u (id int);
      create index concurrently u_id on u (id);
      analyze u
  - {id: c, sql: update t set x = 1}
finalize:
  - {id: d, sql: drop table v}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:5 missing-undo: the step a of expand does not say how to take it back
    2 | title: Add billing
    3 | expand:
  > 4 |   - {id: a, sql: 'alter table t add column x int, add column y int'}
      |     ^
    5 |   - id: b
  expected: undo or undo_file
  fix: undo: alter table t drop column y, drop column x

migrations/0002_add_billing/migration.yaml:5:5 missing-undo: the step b of expand does not say how to take it back
    3 | expand:
    4 |   - {id: a, sql: 'alter table t add column x int, add column y int'}
  > 5 |   - id: b
      |     ^
    6 |     sql: |
  expected: undo or undo_file
  fix: undo: drop index concurrently u_id; drop table u

migrations/0002_add_billing/migration.yaml:10:5 missing-undo: the step c of expand does not say how to take it back
     8 |       create index concurrently u_id on u (id);
     9 |       analyze u
  > 10 |   - {id: c, sql: update t set x = 1}
       |     ^
    11 | finalize:
  expected: undo or undo_file

migrations/0002_add_billing/migration.yaml:12:5 missing-undo: the step d of finalize does not say how to take it back
    10 |   - {id: c, sql: update t set x = 1}
    11 | finalize:
  > 12 |   - {id: d, sql: drop table v}
       |     ^
    13 |
  expected: undo, undo_file or irreversible
  fix: irreversible: <what is lost>
"
`);
  });

  it('fails when it has another number of statements than the step', () => {
    expect(
      problems(`expand:
  - id: a
    sql: create table a (); create table b (); create table c ()
    undo: drop table c; drop table b`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:6:11 undo-count: the step has 3 statements, its undo has 2 statements
    4 |   - id: a
    5 |     sql: create table a (); create table b (); create table c ()
  > 6 |     undo: drop table c; drop table b
      |           ^
    7 |
  expected: as many statements in the undo as in the step, newest first: the first one takes back the last one of the step
  fix: write one undo for each statement, or split the step into steps of one statement
"
`);
  });

  it('fails when a step before finalize is irreversible, or is irreversible and has an undo', () => {
    expect(
      problems(`contract:
  - {id: a, sql: drop table a, irreversible: rows are gone}
finalize:
  - {id: b, sql: drop table b, undo: create table b (), irreversible: rows are gone}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:46 irreversible-step: the step a of contract is irreversible, but contract must be able to go back
    2 | title: Add billing
    3 | contract:
  > 4 |   - {id: a, sql: drop table a, irreversible: rows are gone}
      |                                              ^
    5 | finalize:
  expected: an undo; only finalize is beyond the way back
  fix: move it to finalize

migrations/0002_add_billing/migration.yaml:6:71 one-of: the step is irreversible and has undo
    4 |   - {id: a, sql: drop table a, irreversible: rows are gone}
    5 | finalize:
  > 6 |   - {id: b, sql: drop table b, undo: create table b (), irreversible: rows are gone}
      |                                                                       ^
    7 |
  expected: irreversible or undo
  fix: remove irreversible or undo
"
`);
  });
});

describe('ids of steps', () => {
  it('fails when an id is used twice, also by a statement of a step with several', () => {
    expect(
      problems(`expand:
  - {id: a, sql: analyze a; analyze b}
  - {id: a_2, sql: analyze c}
  - {id: c, sql: analyze d}
validate:
  - {id: c, query: select 1, expect: 1}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:5:20 duplicate-step-id: the step id a_2 is used twice, first at migrations/0002_add_billing/migration.yaml:4
    3 | expand:
    4 |   - {id: a, sql: analyze a; analyze b}
  > 5 |   - {id: a_2, sql: analyze c}
      |                    ^
    6 |   - {id: c, sql: analyze d}
  expected: an id that is unique in the migration; several statements get <id>_1, <id>_2 ...

migrations/0002_add_billing/migration.yaml:8:10 duplicate-step-id: the step id c is used twice, first at migrations/0002_add_billing/migration.yaml:6
    6 |   - {id: c, sql: analyze d}
    7 | validate:
  > 8 |   - {id: c, query: select 1, expect: 1}
      |          ^
    9 |
  expected: an id that is unique in the migration; several statements get <id>_1, <id>_2 ...
"
`);
  });

  it('fails when the id of a statement would be too long', () => {
    expect(
      problems(`expand:
  - {id: a23456789_123456789_123456789_123456789_123456789_123456789_12, sql: analyze a; analyze b}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:10 long-step-id: the step has 2 statements and a23456789_123456789_123456789_123456789_123456789_123456789_12_2 is longer than 63 characters
    2 | title: Add billing
    3 | expand:
  > 4 |   - {id: a23456789_123456789_123456789_123456789_123456789_123456789_12, sql: analyze a; analyze b}
      |          ^
    5 |
  expected: a shorter id, or steps of one statement each
"
`);
  });
});

describe('checks', () => {
  it.each([
    ['changes rows', 'delete from t'],
    [
      'changes rows inside a WITH',
      'with gone as (delete from t returning id) select count(*) from gone',
    ],
    ['locks rows', 'select id from t for update'],
    ['creates a table', 'select 1 into t2'],
    ['has two statements', 'select 1; select 2'],
  ])('fails when the query %s', (_what, query) => {
    const found = problems(`assertions: [{id: a, query: "${query}", expect: 1}]`);
    expect(found).toContain('migration.yaml:3:');
    expect(found).toContain('not-a-query: the query');
    expect(found).toContain('expected: one SELECT, VALUES or WITH that changes and locks nothing');
  });

  it.each(['select 1', 'values (1)', 'table t', 'with x as (select 1) select * from x'])(
    'accepts %s',
    (query) => {
      const check = `validate: [{id: a, query: "${query}", expect: 1}]`;
      expect(problems(check)).toBe('');
    },
  );
});
