import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmbeddedScene, embeddedScene, type Picture } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset());

/** Runs a migration that cannot go through and returns what was there before. */
async function fails(yaml: string): Promise<{ readonly id: string; readonly before: Picture }> {
  await scene.write('0001_add_nickname', yaml);
  const before = await scene.picture();
  const id = await scene.start('0001_add_nickname');
  await scene.toEnd(id);
  expect(await scene.aftermath(id)).toMatchObject({
    status: 'rolled-back',
    ledger: 'rolled-back',
    lease: undefined,
  });
  return { id, before };
}

const reasonOf = async (id: string) =>
  (await (await scene.as('observer')).control.getExecution(id as never))?.reason;

describe('data that does not fit', () => {
  it('a row that breaks a constraint ends the backfill and is named', async () => {
    // GIVEN one row among a hundred
    await scene.pool.query(`update people set name = 'Wolfeschlegelsteinhausen' where id = 77`);

    // WHEN
    const { id, before } = await fails(
      addNickname({
        expand: `  - id: short_nickname
    sql: alter table people add constraint nickname_is_short check (length(nickname) < 12) not valid
    undo: alter table people drop constraint nickname_is_short`,
      }),
    );

    // THEN
    expect(await reasonOf(id)).toMatch(/^fill_nickname: row \(id\)=\(77\) cannot be moved/);
    expect(await reasonOf(id)).toContain('nickname_is_short');
    expect(await scene.picture()).toEqual(before);
  });

  it('a check that does not hold says what it found', async () => {
    const { id, before } = await fails(
      addNickname({
        validate: `  - {id: nobody_is_unlucky, query: select id from people where id = 13, expect: no rows}`,
      }),
    );
    expect(await reasonOf(id)).toBe('nobody_is_unlucky: expected no rows, found 1');
    expect(await scene.picture()).toEqual(before);
  });

  it('a constraint that cannot be validated is gone again', async () => {
    const { id, before } = await fails(
      addNickname({
        validate: `  - id: lucky
    sql: alter table people add constraint lucky check (id <> 13) not valid
    undo: alter table people drop constraint lucky
  - id: validate_lucky
    sql: alter table people validate constraint lucky`,
      }),
    );
    expect(await reasonOf(id)).toMatch(/^validate_lucky: .*"lucky"/);
    expect(await scene.picture()).toEqual(before);
  });

  it('a unique index over duplicates leaves no INVALID index behind', async () => {
    // GIVEN
    await scene.pool.query(`update people set name = 'Name 1' where id = 2`);

    // WHEN
    const { id, before } = await fails(
      addNickname({
        expand: `  - id: one_of_each
    sql: create unique index concurrently people_name_key on people (name)
    undo: drop index concurrently if exists people_name_key`,
      }),
    );

    // THEN
    expect(await reasonOf(id)).toMatch(
      /^one_of_each: could not create unique index "people_name_key"/,
    );
    expect(await scene.picture()).toEqual(before);
    const { rows } = await scene.pool.query(
      `select indexrelid::regclass::text as name from pg_index where not indisvalid`,
    );
    expect(rows).toEqual([]);
  });
});
