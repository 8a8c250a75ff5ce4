import { CreateDBClusterCommand, CreateDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rdsClusterService } from '../../../lib/aws/rds/cluster-service.ts';
import { systemClock } from '../../../lib/aws/system-clock.ts';
import type { Fault } from '../../../lib/local/http/faults.ts';
import type { ClusterService, SnapshotState } from '../../../lib/ports/cluster-service.ts';
import { type EmbeddedRds, MASTER, startEmbeddedRds } from '../../local/rds/embedded-rds.ts';

const TAGS = { 'lockkeeper:execution': '0001_a-aaaa', 'lockkeeper:moment': 'before-expand' };
const request = {
  clusterIdentifier: 'harbour',
  snapshotIdentifier: 'lk-0001-before-expand',
  tags: TAGS,
};

/** What the cluster is made with; a restore must give all of it to the new one. */
const SETTINGS = {
  DBSubnetGroupName: 'private',
  VpcSecurityGroupIds: ['sg-1', 'sg-2'],
  DBClusterParameterGroupName: 'harbour-pg18',
  EnableIAMDatabaseAuthentication: true,
  EnableCloudwatchLogsExports: ['postgresql'],
  BackupRetentionPeriod: 9,
  CopyTagsToSnapshot: true,
  DeletionProtection: true,
};

describe('clusters on RDS', () => {
  let embedded: EmbeddedRds;
  let clusters: ClusterService;
  let secretArn: string;
  let fault: ((action: string) => Fault | undefined) | undefined;

  beforeAll(async () => {
    embedded = await startEmbeddedRds({ faults: (_service, action) => fault?.(action) });
    clusters = rdsClusterService({ client: embedded.client, clock: systemClock });
    await embedded.client.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'harbour',
        Engine: 'aurora-postgresql',
        DatabaseName: 'harbour',
        MasterUsername: MASTER.username,
        ManageMasterUserPassword: true,
        EnableHttpEndpoint: true,
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
        Tags: [{ Key: 'team', Value: 'harbour' }],
        ...SETTINGS,
      }),
    );
    secretArn = (await embedded.available('harbour')).MasterUserSecret?.SecretArn ?? '';
    await embedded.client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'harbour-writer',
        DBClusterIdentifier: 'harbour',
        DBInstanceClass: 'db.serverless',
        Engine: 'aurora-postgresql',
      }),
    );
    await embedded.rds.settled();
  });
  afterAll(async () => {
    await embedded.stop();
    await embedded.remove();
  });

  const captured = {
    subnetGroup: 'private',
    securityGroupIds: ['sg-1', 'sg-2'],
    parameterGroup: 'harbour-pg18',
    iamAuthentication: true,
    logExports: ['postgresql'],
    backupRetentionDays: 9,
    copyTagsToSnapshot: true,
    serverlessScaling: { minCapacity: 0.5, maxCapacity: 4 },
  };

  async function available(snapshotIdentifier: string): Promise<SnapshotState> {
    await embedded.rds.settled();
    return clusters.snapshotState(snapshotIdentifier);
  }

  it('captures what a restore must be told', async () => {
    expect(await clusters.describeCluster('harbour')).toMatchObject({
      ...captured,
      clusterIdentifier: 'harbour',
      engine: 'aurora-postgresql',
      deletionProtection: true,
      dataApiEnabled: true,
      tags: { team: 'harbour' },
      instances: [
        {
          instanceIdentifier: 'harbour-writer',
          instanceClass: 'db.serverless',
          isWriter: true,
          publiclyAccessible: false,
        },
      ],
    });
  });

  it('fails with InvalidConfiguration when there is no such cluster', async () => {
    await expect(clusters.describeCluster('nowhere')).rejects.toMatchObject({
      code: 'InvalidConfiguration',
    });
    await expect(
      clusters.startSnapshot({ ...request, clusterIdentifier: 'nowhere', snapshotIdentifier: 'x' }),
    ).rejects.toMatchObject({ code: 'InvalidConfiguration' });
  });

  it('takes a snapshot once, however often it is asked, until it is available', async () => {
    // GIVEN
    expect(await clusters.snapshotState(request.snapshotIdentifier)).toEqual({ kind: 'absent' });
    // WHEN
    const started = await clusters.startSnapshot(request);
    const again = await clusters.startSnapshot(request);
    const done = await available(request.snapshotIdentifier);
    // THEN
    expect(started.kind).toBe('creating');
    expect(['creating', 'available']).toContain(again.kind);
    expect(done).toMatchObject({
      kind: 'available',
      snapshot: { clusterIdentifier: 'harbour', status: 'available', percent: 100, tags: TAGS },
    });
    const listed = await clusters.listSnapshots('harbour');
    expect(listed.map((one) => one.snapshotIdentifier)).toEqual([request.snapshotIdentifier]);
  });

  it('does not take the snapshot of another execution for its own', async () => {
    const theirs = clusters.startSnapshot({
      ...request,
      tags: { ...TAGS, 'lockkeeper:execution': '0001_a-bbbb' },
    });
    await expect(theirs).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('finds the snapshot that was started by a call whose answer got lost', async () => {
    // GIVEN the first answer is lost; the SDK would send the call again, here the step does
    let lost = 0;
    fault = (action) => {
      if (action !== 'CreateDBClusterSnapshot' || lost > 0) return undefined;
      lost += 1;
      return { kind: 'drop-after' };
    };
    const second = { ...request, snapshotIdentifier: 'lk-0001-lost' };
    // WHEN
    await expect(clusters.startSnapshot(second)).rejects.toMatchObject({
      code: 'TargetUnreachable',
    });
    fault = undefined;
    // THEN
    expect((await clusters.startSnapshot(second)).kind).not.toBe('absent');
    expect((await available(second.snapshotIdentifier)).kind).toBe('available');
  });

  it('waits when RDS throttles', async () => {
    let throttled = 2;
    fault = () => {
      throttled -= 1;
      return throttled >= 0 ? { kind: 'throttle' } : undefined;
    };
    expect((await clusters.snapshotState(request.snapshotIdentifier)).kind).toBe('available');
    fault = undefined;
  });

  it('restores a cluster with every captured setting, an instance and the Data API', async () => {
    // GIVEN
    const configuration = await clusters.describeCluster('harbour');
    const restore = {
      snapshotIdentifier: request.snapshotIdentifier,
      newClusterIdentifier: 'harbour-restored',
      configuration,
      tags: {
        ...configuration.tags,
        'aws:cloudformation:stack-name': 'x',
        'lockkeeper:restored-from': request.snapshotIdentifier,
      },
    };
    const instance = {
      clusterIdentifier: 'harbour-restored',
      instanceIdentifier: 'harbour-restored-1',
      instanceClass: 'db.serverless',
      engine: configuration.engine,
      publiclyAccessible: false,
      tags: {},
    };
    // WHEN each is asked for twice
    const first = await clusters.startRestore(restore);
    await clusters.startRestore(restore);
    await embedded.rds.settled();
    await clusters.createInstance(instance);
    await clusters.createInstance(instance);
    await embedded.rds.settled();
    await clusters.enableDataApi(first.clusterArn);
    await clusters.enableDataApi(first.clusterArn);
    // THEN
    expect(await clusters.restoredCluster('harbour-restored')).toEqual({
      clusterIdentifier: 'harbour-restored',
      clusterArn: first.clusterArn,
      status: 'available',
      dataApiEnabled: true,
      deletionProtection: false,
      tags: { team: 'harbour', 'lockkeeper:restored-from': request.snapshotIdentifier },
      instances: [{ instanceIdentifier: 'harbour-restored-1', status: 'available' }],
    });
    const restored = await clusters.describeCluster('harbour-restored');
    expect(restored).toMatchObject({
      ...captured,
      deletionProtection: false,
      tags: { team: 'harbour', 'lockkeeper:restored-from': request.snapshotIdentifier },
    });
    expect(Object.keys(restored.tags)).not.toContain('aws:cloudformation:stack-name');
    const answer = await embedded.sql({ resourceArn: first.clusterArn, secretArn }, 'select 1');
    expect(answer).toEqual([{ longValue: 1 }]);
  });

  it('does not take a cluster that somebody else made for the restored one', async () => {
    const restore = clusters.startRestore({
      snapshotIdentifier: request.snapshotIdentifier,
      newClusterIdentifier: 'harbour',
      configuration: await clusters.describeCluster('harbour'),
      tags: { 'lockkeeper:restored-from': request.snapshotIdentifier },
    });
    await expect(restore).rejects.toMatchObject({ code: 'Conflict' });
  });

  it('fails with UnknownSnapshot, and with RestoreFailed for a cluster that is not there', async () => {
    const restore = clusters.startRestore({
      snapshotIdentifier: 'lk-none',
      newClusterIdentifier: 'harbour-none',
      configuration: await clusters.describeCluster('harbour'),
      tags: {},
    });
    await expect(restore).rejects.toMatchObject({ code: 'UnknownSnapshot' });
    await expect(clusters.restoredCluster('harbour-none')).rejects.toMatchObject({
      code: 'RestoreFailed',
    });
  });

  it('says that snapshots are not supported for a database that somebody else runs', async () => {
    await embedded.rds.registerExternalCluster({
      identifier: 'elsewhere',
      url: 'postgres://a:b@127.0.0.1:1/app',
    });
    const started = clusters.startSnapshot({
      ...request,
      clusterIdentifier: 'elsewhere',
      snapshotIdentifier: 'lk-elsewhere',
    });
    await expect(started).rejects.toMatchObject({ code: 'SnapshotsUnsupported' });
  });
});
