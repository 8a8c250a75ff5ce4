import { beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '../../../lib/core/operations/sql.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { acts, contextOf, lowerTo, refusalOf, stepsOf, undos } from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

describe('sql', () => {
  it('GIVEN up and down THEN up runs in expand and down takes it back', () => {
    const lowered = lowerTo(
      sql,
      { up: 'CREATE TABLE users (id int);', down: 'DROP TABLE users' },
      contextOf(parser),
    );
    expect(acts(lowered, 'expand')).toEqual(['CREATE TABLE users (id int)']);
    expect(undos(lowered, 'expand')).toEqual(['DROP TABLE users']);
  });

  it('GIVEN several statements and as many in down THEN each step has its own way back, newest first', () => {
    const lowered = lowerTo(
      sql,
      {
        up: "create table a (t text default ';'); create index concurrently i on a (t)",
        down: 'drop index concurrently i; drop table a',
      },
      contextOf(parser),
    );
    expect(stepsOf(lowered, 'expand').map(({ sql: act, undo }) => [act, undo])).toEqual([
      ["create table a (t text default ';')", { kind: 'statement', sql: 'drop table a' }],
      [
        'create index concurrently i on a (t)',
        { kind: 'statement', sql: 'drop index concurrently i' },
      ],
    ]);
  });

  it('GIVEN another number of statements in down THEN they run together when the first step is undone', () => {
    const lowered = lowerTo(
      sql,
      { up: 'create table a (t text)', down: 'truncate a; drop table a' },
      contextOf(parser),
    );
    expect(stepsOf(lowered, 'expand')[0]?.undo).toEqual({
      kind: 'statement',
      sql: 'truncate a',
      together: ['drop table a'],
    });
  });

  it('GIVEN no down, WHEN every statement says how to take it back THEN the undo is derived', () => {
    const lowered = lowerTo(
      sql,
      { up: 'create table a (t text); create view v as select * from a' },
      contextOf(parser),
    );
    expect(undos(lowered, 'expand')).toEqual(['drop view v', 'drop table a']);
  });

  it('GIVEN onComplete THEN it runs in contract when it can be taken back, otherwise in finalize', () => {
    const add = { up: 'ALTER TABLE people ADD COLUMN born timestamp', onComplete: true };
    expect(undos(lowerTo(sql, add, contextOf(parser)), 'contract')).toEqual([
      'alter table people drop column born',
    ]);
    const drop = lowerTo(sql, { up: 'drop function f()', onComplete: true }, contextOf(parser));
    expect(stepsOf(drop, 'finalize')[0]?.undo.kind).toBe('irreversible');
  });

  it.each([
    [{ up: 'update a set b = 1' }, 'nothing takes back: update a set b = 1', ['up']],
    [
      { up: 'creat table a ()' },
      expect.stringMatching(/syntax error.*line 1, column 1 of up/),
      ['up'],
    ],
    [{ up: '-- nothing' }, 'up has no statement', ['up']],
    [
      { up: 'create table a (b int)', down: 'drop index concurrently i; drop table a' },
      expect.stringContaining('cannot run together with others: drop index concurrently i'),
      ['down'],
    ],
  ])('WHEN %j is declared THEN it is refused: %s', (declared, why, path) => {
    const refusal = refusalOf(sql, declared, contextOf(parser));
    expect(refusal.why).toEqual(why);
    expect(refusal.path).toEqual(path);
  });
});
