import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { approve } from '../../lib/cli/commands/approve.ts';
import { signal } from '../../lib/cli/commands/signal.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

let scene: EmbeddedScene;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(() => scene.reset(500));

describe('a migration that goes through', () => {
  it('stops at each kind of gate, moves every row once and lets the target go', async () => {
    // GIVEN every kind of gate, under the rules of a team
    await scene.write(
      '0001_add_nickname',
      addNickname({
        contract: `  - id: retire_name
    sql: alter table people rename column name to name_lk_old
    undo: alter table people rename column name_lk_old to name`,
        finalize: `  - id: drop_name
    sql: alter table people drop column name_lk_old
    irreversible: the names in their own letters`,
        gates: {
          review: '{kind: approval}',
          deploy: '{kind: signal, signals: [web, worker]}',
          contract: '{kind: approval, approvals: 2}',
          soak: '{kind: timer, duration: 1s}',
        },
        snapshots: 'required',
      }),
    );
    const [bob, carol] = [await scene.as('bob', 'strict'), await scene.as('carol', 'strict')];

    // WHEN alice starts it and everybody says what they have to
    const id = await scene.start('0001_add_nickname', 'alice', 'strict');
    const yes = { execution: id, reason: 'looked at it', plan: undefined };
    await scene.atGate(id, 'review');
    expect((await scene.picture()).contents['people']?.[0]).toBe('{"id": 1, "name": "Name 1"}');
    await approve(bob, { ...yes, gate: 'review' });
    await scene.atGate(id, 'deploy');
    const deployed = { execution: id, version: 'v2', id: undefined };
    expect(await signal(bob, { ...deployed, name: 'web' })).toMatchObject({
      text: `${id}: kept: gate deploy still waits for a deployment signal of worker`,
    });
    await signal(bob, { ...deployed, name: 'worker' });
    await scene.atGate(id, 'contract');
    expect(await approve(bob, { ...yes, gate: 'contract' })).toMatchObject({
      text: expect.stringContaining('approval 1 of 2 at gate contract'),
    });
    await approve(carol, { ...yes, gate: 'contract' });
    const soaking = await scene.atGate(id, 'soak');
    expect(soaking.snapshots.map(({ moment }) => moment)).toEqual([
      'before-expand',
      'before-contract',
    ]);
    const facts = await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual({
      status: 'succeeded',
      reason: undefined,
      ledger: 'applied',
      lease: undefined,
    });
    expect(facts.gates.map(({ name, decision }) => [name, decision?.kind])).toEqual(
      expect.arrayContaining([
        ['review', 'approved'],
        ['deploy', 'approved'],
        ['contract', 'approved'],
        ['soak', 'approved'],
      ]),
    );
    const { schema, contents } = await scene.picture();
    expect(contents['people']).toHaveLength(500);
    expect(contents['people']?.[0]).toBe('{"id": 1, "nickname": "name 1"}');
    const { rows } = await scene.pool.query(
      `select (select count(*)::int from people where nickname <> 'name ' || id) as wrong,
              (select fingerprint_after from lockkeeper.migrations) as remembered`,
    );
    expect(rows).toEqual([{ wrong: 0, remembered: schema }]);
  });
});
