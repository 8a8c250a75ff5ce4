import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approve } from '../../lib/cli/commands/approve.ts';
import { restore } from '../../lib/cli/commands/restore.ts';
import { rollback } from '../../lib/cli/commands/rollback.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import { durationMs, type ExecutionId } from '../../lib/core/ids.ts';
import type { RestoreReport } from '../../lib/engine/restore/report.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

const MIGRATION = '0001_add_nickname';

/** The column that the old application reads is put aside in contract. */
const PUT_NAME_ASIDE = `  - id: detach_name
    sql: alter table people rename column name to name_detached
    undo: alter table people rename column name_detached to name`;

describe('a game day: the data are corrupted after contract', () => {
  let scene: EmbeddedScene;
  beforeAll(async () => {
    scene = await embeddedScene();
    await scene.reset();
  }, 180_000);
  afterAll(() => scene?.close());

  const say = { moment: 'before-contract', takeOver: true, lookEveryMs: durationMs(100) } as const;

  it('is restored from before contract, takes over when approved, and goes on from there', async () => {
    // GIVEN a migration that went through, and an application that then wrote nonsense
    const snapshots = 'required';
    await scene.write(MIGRATION, addNickname({ contract: PUT_NAME_ASIDE, snapshots }));
    const id = await scene.start(MIGRATION);
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toMatchObject({ status: 'succeeded', ledger: 'applied' });
    await scene.pool.query(`update people set nickname = 'corrupt', name_detached = 'corrupt'`);

    // WHEN olivia asks for a restore that takes over
    const olivia = await scene.as('olivia', 'strict');
    const waiting = await restore(olivia, { execution: id, ...say }, silentOutput);

    // THEN it is verified beside the original and waits for somebody else
    const { execution, gates, progress, next } = waiting.value as StatusFacts;
    const restoreId = execution.executionId;
    expect(execution).toMatchObject({ status: 'running', restore: { of: id, takeOver: true } });
    expect(gates).toMatchObject([{ name: 'takeover', approvals: [] }]);
    expect(progress.map(({ stepId, state }) => [stepId, state])).toEqual([
      ['ledger', 'done'],
      ['schema', 'done'],
      ['rows_of_people', 'done'],
      ['every_nickname_is_right', 'done'],
    ]);
    expect(next).toEqual([`lockkeeper approve ${restoreId} takeover --env strict`]);
    const own = approve(olivia, {
      execution: restoreId,
      gate: 'takeover',
      reason: undefined,
      plan: undefined,
    });
    await expect(own).rejects.toMatchObject({ code: 'NotAllowed' });

    // WHEN peter approves, and olivia goes on following
    const peter = await scene.as('peter', 'strict');
    await approve(peter, {
      execution: restoreId,
      gate: 'takeover',
      reason: 'the names are gone',
      plan: undefined,
    });
    const result = await restore(olivia, { execution: id, ...say }, silentOutput);

    // THEN the old application reads the right rows, under the name it knows
    const report = result.value as RestoreReport;
    const kept = `app-before-restore-${restoreId.split('-').at(-1)}`;
    expect(report).toMatchObject({
      restoreId,
      status: 'succeeded',
      restoredCluster: 'app',
      restoredClusterArn: olivia.target.clusterArn,
      keptCluster: kept,
    });
    const application = olivia.connectDatabase(olivia.target.clusterArn);
    expect(await application.query('select name from people where id = 7')).toEqual([
      { name: 'Name 7' },
    ]);
    await application.execute(`insert into people (id, name) values (2000, 'Written again')`);

    // ... the old cluster is there: named, protected, frozen, with what was in it
    const old = await olivia.clusters.describeCluster(kept);
    expect(old).toMatchObject({
      status: 'available',
      deletionProtection: true,
      tags: { 'lockkeeper:put-aside-by': restoreId },
      instances: [{ instanceIdentifier: keptInstance(restoreId) }],
    });
    expect(await olivia.clusters.describeCluster('app')).toMatchObject({
      deletionProtection: true,
      instances: [{ instanceIdentifier: 'app-instance-1' }],
    });
    const aside = olivia.connectDatabase(old.clusterArn);
    expect(await aside.query('select nickname from people where id = 7')).toEqual([
      { nickname: 'corrupt' },
    ]);
    await expect(aside.execute(`delete from people`)).rejects.toMatchObject({ kind: 'read-only' });
    await aside.close();

    // ... and the record says what is true: half way, and the target is its own until it is undone
    expect(await olivia.control.getExecution(id)).toMatchObject({
      status: 'restored',
      reason: expect.stringContaining('half way'),
    });
    expect(await olivia.control.getLease(olivia.target.name)).toMatchObject({ executionId: id });

    // WHEN what is half way is taken back
    await rollback(olivia, { execution: id, reason: 'after the restore' });
    await scene.toEnd(id);

    // THEN it was never applied, and the next start goes through
    expect(await columns()).toEqual(['id', 'name']);
    const again = await scene.start(MIGRATION);
    await scene.toEnd(again);
    expect(await olivia.control.getExecution(again)).toMatchObject({ status: 'succeeded' });
    expect(await columns()).toEqual(['id', 'name_detached', 'nickname']);
    await application.close();

    async function columns(): Promise<readonly unknown[]> {
      const rows = await application.query(
        `select attname::text as name from pg_attribute
         where attrelid = 'people'::regclass and attnum > 0 and not attisdropped order by 1`,
      );
      return rows.map(({ name }) => name);
    }
  });
});

function keptInstance(restoreId: ExecutionId): string {
  return `app-instance-1-before-restore-${restoreId.split('-').at(-1)}`;
}
