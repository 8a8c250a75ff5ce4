import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { approve } from '../../lib/cli/commands/approve.ts';
import { reject } from '../../lib/cli/commands/reject.ts';
import { resume } from '../../lib/cli/commands/resume.ts';
import { rollback } from '../../lib/cli/commands/rollback.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset());

describe('an execution that can neither go on nor back', () => {
  it('keeps the target after a failure in finalize until its cause is gone', async () => {
    // GIVEN a view that nobody knew of, over the column that finalize drops
    await scene.write(
      '0001_add_nickname',
      addNickname({
        contract: `  - id: retire_name
    sql: alter table people rename column name to name_lk_old
    undo: alter table people rename column name_lk_old to name`,
        finalize: `  - id: drop_name
    sql: alter table people drop column name_lk_old
    irreversible: the names in their own letters`,
        gates: { contract: '{kind: approval}' },
        snapshots: 'required',
      }),
    );
    await scene.pool.query('create view phone_book as select id, name from people');
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'contract');
    const olivia = await scene.as('olivia');

    // WHEN
    await approve(olivia, { execution: id, gate: 'contract', reason: undefined, plan: undefined });
    const facts = await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual({
      status: 'forward-fix-required',
      reason: expect.stringMatching(/^drop_name: cannot drop column name_lk_old .*depend on it/),
      ledger: 'in-progress',
      lease: id,
    });
    expect(facts.next).toEqual([`lockkeeper resume ${id}`, `lockkeeper restore ${id}`]);
    expect(facts.snapshots.map(({ snapshotIdentifier }) => snapshotIdentifier)).toEqual([
      expect.stringMatching(/^lockkeeper-0001-add-nickname-.*-before-expand$/),
      expect.stringMatching(/^lockkeeper-0001-add-nickname-.*-before-contract$/),
    ]);
    const columns = await columnsOfPeople();
    expect(columns).toEqual(['id', 'name_lk_old', 'nickname']);

    // WHEN the cause is gone
    await scene.pool.query('drop view phone_book');
    await resume(olivia, { execution: id, reason: 'the view is gone' });
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({
      status: 'succeeded',
      ledger: 'applied',
      lease: undefined,
    });
    expect(await columnsOfPeople()).toEqual(['id', 'nickname']);
  });

  it('keeps the target after an undo that failed until somebody repairs it', async () => {
    // GIVEN a column that somebody dropped behind the execution's back
    const before = await scene.picture();
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));
    const id = await scene.start('0001_add_nickname');
    await scene.atGate(id, 'deploy');
    await scene.pool.query('alter table people drop column nickname');

    // WHEN
    const olivia = await scene.as('olivia');
    await reject(olivia, { execution: id, gate: 'deploy', reason: 'not today' });
    const facts = await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual({
      status: 'rollback-failed',
      reason: expect.stringMatching(/^undo of add_nickname: column "nickname" .*does not exist/),
      ledger: 'in-progress',
      lease: id,
    });
    expect(facts.next).toEqual([`lockkeeper rollback ${id}`]);

    // WHEN somebody else wants the target THEN it is told who has it
    await scene.write('0002_add_initials', addNickname({ column: 'initials' }));
    const other = await scene.start('0002_add_initials', 'bob');
    await scene.toEnd(other);
    expect(await scene.aftermath(other)).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining(`in the hands of execution ${id}, rollback-failed`),
      lease: id,
    });

    // WHEN it is repaired
    await scene.pool.query('alter table people add column nickname text');
    await rollback(olivia, { execution: id, reason: 'the column is back' });
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({
      status: 'rolled-back',
      ledger: 'rolled-back',
      lease: undefined,
    });
    expect(await scene.picture()).toEqual(before);
  });
});

async function columnsOfPeople(): Promise<readonly string[]> {
  const { rows } = await scene.pool.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_name = 'people' order by 1`,
  );
  return rows.map(({ name }) => name);
}
