import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepare } from '../../lib/engine/prepare.ts';
import { rollBack } from '../../lib/engine/roll-back.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { controlScene, inlineMigration, startedExecution } from '../support/engine-scene.ts';
import { freshDatabase } from '../support/postgres.ts';
import { addNickname } from './support/add-nickname.ts';
import { holdTable } from './support/in-the-middle.ts';

describe('a strong lock that somebody else holds', () => {
  let scene: EmbeddedScene;
  beforeAll(async () => {
    scene = await embeddedScene();
    await scene.reset();
  }, 180_000);
  afterAll(() => scene?.close());

  it('is asked for again and again while the status says who holds it', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname());
    const holder = await holdTable(scene.aws.description.databaseUrl);

    // WHEN
    const id = await scene.start('0001_add_nickname');
    const facts = await scene.until(id, ({ progress }) =>
      // The attempts come quickly at first: a look in between may miss any of them.
      progress.some(({ note = '' }) => /lock attempt (?:[3-9]|1\d) of 16/.test(note)),
    );

    // THEN
    const note = facts.progress.find(({ stepId }) => stepId === 'add_nickname')?.note;
    expect(note).toContain(`held by pid ${holder.pid} of app_owner (nightly-report)`);
    await holder.letGo();
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toEqual({
      status: 'succeeded',
      reason: undefined,
      ledger: 'applied',
      lease: undefined,
    });
  });
});

// The pauses between the attempts pass at once here; the attempts themselves take their 21 s.
describe('a strong lock that is never granted', () => {
  it('fails the step, names the holder and leaves nothing behind', async () => {
    // GIVEN
    const target = await freshDatabase();
    const control = await controlScene();
    const pool = target.pool();
    await pool.query('create table people (id bigint primary key, name text not null)');
    const database = pgDatabase({ url: target.url });
    const before = await fingerprint(database);
    const migration = await inlineMigration('0001_add_nickname', {
      'migration.yaml': addNickname(),
    });
    const context = await startedExecution(control.control, migration, database);
    expect(await prepare(context)).toEqual({ kind: 'done' });
    const holder = await holdTable(target.url);

    // WHEN
    const outcome = await runPhase(context, 'expand');

    // THEN
    expect(outcome).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(
        /^add_nickname: AccessExclusiveLock on people was not granted in 16 attempts; held by pid \d+ of postgres \(nightly-report\)/,
      ),
    });
    expect(outcome).toMatchObject({ reason: expect.stringContaining(`pid ${holder.pid} `) });
    expect(await rollBack(context)).toEqual({ kind: 'done' });
    expect(await fingerprint(database)).toBe(before);
    await holder.letGo();
    await database.close();
    await target.drop();
    await control.close();
  }, 120_000);
});
