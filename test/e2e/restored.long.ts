import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { restore } from '../../lib/cli/commands/restore.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import { type EpochMs, epochMs } from '../../lib/core/ids.ts';
import type { RestoreReport } from '../../lib/engine/restore/report.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { type EmbeddedScene, embeddedScene } from '../support/embedded-scene.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { addNickname } from './support/add-nickname.ts';

describe('a snapshot of an execution', () => {
  let scene: EmbeddedScene;
  beforeAll(async () => {
    scene = await embeddedScene();
    await scene.reset();
  }, 180_000);
  afterAll(() => scene?.close());

  it('becomes a new cluster beside the one in production, which is not touched', async () => {
    // GIVEN a migration that is applied, and writes that came after its snapshot
    const before = await scene.picture();
    await scene.write(
      '0001_add_nickname',
      addNickname({
        finalize: `  - id: drop_name
    sql: alter table people drop column name
    irreversible: the names in their own letters`,
        snapshots: 'required',
      }),
    );
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toMatchObject({ status: 'succeeded', lease: undefined });
    await scene.pool.query(`insert into people (id, nickname) values (1000, 'late')`);
    const production = await scene.picture();

    // WHEN
    const olivia = await scene.as('olivia');
    const result = await restore(olivia, { execution: id, moment: 'before-expand' }, silentOutput);

    // THEN the new cluster is what production was, production is what it is
    const report = result.value as RestoreReport;
    const restored = olivia.connectDatabase(report.restoredClusterArn);
    expect(await fingerprint(restored)).toBe(before.schema);
    const [row] = await restored.query(
      'select count(*)::int as rows, max(id)::int as last from people',
    );
    expect(row).toEqual({ rows: 100, last: 100 });
    await restored.close();
    expect(await scene.picture()).toEqual(production);
    expect(report.restoredCluster).not.toBe(report.originalCluster);

    // ... and it is said what is missing in it
    const age = Date.now() - report.takenAt;
    expect(report.writeLossMs).toBeGreaterThan(0);
    expect(report.writeLossMs).toBeLessThanOrEqual(age);
    expect(result.text).toMatch(/Everything written to app since .*\n.* of writes/);

    // ... and a restore of the same of which more is wanted finds the cluster that is there
    const more = { execution: id, moment: 'before-expand', takeOver: true, dryRun: true } as const;
    expect((await restore(olivia, more, silentOutput)).value).toMatchObject({
      restoreId: `${report.restoreId.slice(0, -1)}2`,
      thereAlready: true,
    });
  });

  it('is where the past begins that can be gone back to, to the moment', async () => {
    // GIVEN an execution without a snapshot of its own, a row that came later, and an accident
    await scene.reset();
    await scene.write('0002_add_nickname', addNickname());
    const id = await scene.start('0002_add_nickname');
    await scene.toEnd(id);
    await scene.pool.query(`insert into people (id, name) values (1000, 'Late')`);
    await sleep(50);
    const justBefore = epochMs(Date.now());
    await sleep(50);
    await scene.pool.query(`delete from people where id <> 1`);
    const olivia = await scene.as('olivia');
    const to = (at: EpochMs | undefined, connection = olivia) =>
      restore(connection, { execution: id, moment: undefined, pointInTime: { at } }, silentOutput);
    const snapshot = restore(olivia, { execution: id, moment: undefined }, silentOutput);
    await expect(snapshot).rejects.toMatchObject({ code: 'UnknownSnapshot' });

    // WHEN a time is asked for that is not there THEN it is said, and in nobody's way
    const outside = (await to(epochMs(Date.UTC(2020, 0, 1)))).value as StatusFacts;
    expect(outside.execution).toMatchObject({
      status: 'restore-failed',
      reason: expect.stringContaining('can be restored to a time from'),
    });

    // WHEN the moment before the accident is asked for THEN every row of then is there
    const before = (await to(justBefore)).value as RestoreReport;
    expect(before).toMatchObject({ status: 'succeeded', takenAt: justBefore });
    expect(await rowsIn(before)).toEqual({ rows: 101, last: 'Late' });

    // WHEN the latest restorable time is asked for, on a day without a state machine
    const withoutMachine = { ...olivia, restores: undefined };
    const report = (await to(undefined, withoutMachine)).value as RestoreReport;

    // THEN it is all there, and only a takeover cannot be had
    expect(report).toMatchObject({ status: 'succeeded', moment: undefined });
    expect(report.writeLossMs).toBeLessThan(60_000);
    expect(await rowsIn(report)).toEqual({ rows: 1, last: 'Name 1' });
    const takeOver = {
      execution: id,
      moment: undefined,
      pointInTime: { at: undefined },
      takeOver: true,
    };
    await expect(restore(withoutMachine, takeOver, silentOutput)).rejects.toMatchObject({
      code: 'InvalidConfiguration',
    });

    async function rowsIn({ restoredClusterArn }: RestoreReport) {
      const database = olivia.connectDatabase(restoredClusterArn);
      const [row] = await database.query(
        `select count(*)::int as rows, max(name) filter (where id = (select max(id) from people)) as last
         from people`,
      );
      await database.close();
      return row;
    }
  });
});

describe('a database that somebody else runs', () => {
  let scene: EmbeddedScene;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
    scene = await embeddedScene({ databaseUrl: database.url });
  }, 180_000);
  afterAll(async () => {
    await scene?.close();
    await database?.drop();
  });
  beforeEach(() => scene.reset());

  it('is not migrated where a snapshot is required, because it cannot be copied', async () => {
    // GIVEN
    const before = await scene.picture();
    await scene.write('0001_add_nickname', addNickname({ snapshots: 'required' }));

    // WHEN
    const id = await scene.start('0001_add_nickname', 'alice', 'strict');
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toMatchObject({
      status: 'rolled-back',
      reason: expect.stringMatching(/external database/),
      ledger: 'rolled-back',
      lease: undefined,
    });
    expect(await scene.picture()).toEqual(before);
  });

  it('is not handed over without a snapshot unless its environment allows it', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ snapshots: 'none' }));

    // WHEN
    const strict = scene.start('0001_add_nickname', 'alice', 'strict');

    // THEN
    await expect(strict).rejects.toMatchObject({
      code: 'InvalidMigration',
      message: expect.stringContaining('allow_without_snapshots: true in the policy of strict'),
    });
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);
    expect(await scene.aftermath(id)).toMatchObject({ status: 'succeeded', lease: undefined });
  });
});
