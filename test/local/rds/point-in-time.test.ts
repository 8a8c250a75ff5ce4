import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateDBClusterSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReadyCluster } from '../../../lib/local/rds/ready-cluster.ts';
import { type EmbeddedRds, MASTER, startEmbeddedRds } from './embedded-rds.ts';

describe('a restore to a moment of the past', () => {
  let aws: EmbeddedRds;
  let origin: ReadyCluster;
  beforeAll(async () => {
    aws = await startEmbeddedRds();
    origin = await aws.rds.createReadyCluster({
      identifier: 'harbour',
      database: 'harbour',
      ...MASTER,
    });
    await aws.sql(origin, 'create table boat (id int primary key)');
  }, 60_000);
  afterAll(async () => {
    await aws?.stop();
    await aws?.remove();
  });

  const restoreTo = (name: string, at: Date) =>
    aws.client.send(
      new RestoreDBClusterToPointInTimeCommand({
        SourceDBClusterIdentifier: 'harbour',
        DBClusterIdentifier: name,
        RestoreToTime: at,
      }),
    );
  /** A moment with nothing going on around it. */
  const moment = async () => {
    await sleep(30);
    const now = new Date();
    await sleep(30);
    return now;
  };
  const boatsIn = (resourceArn: string) =>
    aws.sql({ resourceArn, secretArn: origin.secretArn }, 'select count(*) from boat');

  it('holds exactly what was committed until then', async () => {
    // GIVEN moments before the snapshot, and between writes after it
    const tooEarly = await moment();
    await aws.client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'harbour',
        DBClusterSnapshotIdentifier: 'first',
      }),
    );
    await aws.snapshotDone('first');
    await aws.sql(origin, 'insert into boat select generate_series(1, 10)');
    const tenBoats = await moment();
    await aws.sql(origin, 'insert into boat select generate_series(11, 30)');
    const allBoats = await moment();
    await aws.sql(origin, 'delete from boat');

    // WHEN THEN
    for (const [name, at, boats] of [
      ['ten', tenBoats, 10],
      ['all', allBoats, 30],
    ] as const) {
      await restoreTo(name, at);
      await aws.rds.settled();
      const { Status } = await aws.available(name);
      expect([name, Status]).toEqual([name, 'available']);
      expect(await boatsIn(await aws.bringUp(name))).toEqual([{ longValue: boats }]);
    }
    expect(await boatsIn(origin.resourceArn)).toEqual([{ longValue: 0 }]);

    // ... it lives its own life, and there is no past from before the first snapshot, and no future
    const ten = await aws.cluster('ten');
    const arns = { resourceArn: ten.DBClusterArn ?? '', secretArn: origin.secretArn };
    await aws.sql(arns, 'insert into boat values (99)');
    for (const at of [tooEarly, new Date(Date.now() + 60_000)]) {
      await expect(restoreTo('never', at)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    }
  }, 120_000);
});
