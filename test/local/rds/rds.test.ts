import {
  AddTagsToResourceCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { ReadyCluster } from '../../../lib/local/rds/ready-cluster.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { type EmbeddedRds, MASTER, startEmbeddedRds } from './embedded-rds.ts';

const ENGINE = 'aurora-postgresql';

describe('the embedded RDS', () => {
  let aws: EmbeddedRds;
  let origin: ReadyCluster;

  beforeAll(async () => {
    aws = await startEmbeddedRds();
    origin = await aws.rds.createReadyCluster({
      identifier: 'harbour',
      database: 'harbour',
      ...MASTER,
    });
    await aws.sql(origin, 'create table boat (name text)');
    await aws.sql(origin, "insert into boat values ('Amalia')");
  });
  afterAll(async () => {
    await aws.stop();
    await aws.remove();
  });

  const snapshot = async (identifier: string): Promise<void> => {
    await aws.client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'harbour',
        DBClusterSnapshotIdentifier: identifier,
        Tags: [{ Key: 'execution', Value: '<a & b>' }],
      }),
    );
    await aws.snapshotDone(identifier);
  };
  const restore = (from: string, to: string): Promise<unknown> =>
    aws.client.send(
      new RestoreDBClusterFromSnapshotCommand({
        DBClusterIdentifier: to,
        SnapshotIdentifier: from,
        Engine: ENGINE,
      }),
    );

  it('describes a ready cluster the way RDS does', async () => {
    expect(await aws.cluster('harbour')).toMatchObject({
      DBClusterIdentifier: 'harbour',
      DBClusterArn: 'arn:aws:rds:us-east-1:000000000000:cluster:harbour',
      DbClusterResourceId: expect.stringMatching(/^cluster-[A-Z2-7]{26}$/),
      Status: 'available',
      Engine: ENGINE,
      EngineVersion: '18',
      Endpoint: '127.0.0.1',
      Port: expect.any(Number),
      MasterUsername: MASTER.username,
      DatabaseName: 'harbour',
      HttpEndpointEnabled: true,
      DeletionProtection: false,
      ClusterCreateTime: expect.any(Date),
      LatestRestorableTime: expect.any(Date),
      DBClusterMembers: [{ DBInstanceIdentifier: 'harbour-instance-1', IsClusterWriter: true }],
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 2 },
      VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default', Status: 'active' }],
      TagList: [],
    });
    const { DBInstances } = await aws.client.send(new DescribeDBInstancesCommand({}));
    expect(DBInstances).toMatchObject([
      {
        DBInstanceStatus: 'available',
        DBInstanceClass: 'db.serverless',
        DBClusterIdentifier: 'harbour',
        Endpoint: { Address: '127.0.0.1', Port: expect.any(Number) },
      },
    ]);
  });

  it('gives its master user what RDS gives it, and no more', async () => {
    expect(
      await aws.sql(
        origin,
        `select rolsuper, rolcreaterole, rolcreatedb, pg_has_role('rds_superuser', 'member')
         from pg_roles where rolname = current_user`,
      ),
    ).toEqual([false, true, true, true].map((booleanValue) => ({ booleanValue })));
    await expect(aws.sql(origin, 'alter system set work_mem = 1000')).rejects.toThrow(/42501/);
    // It can end the sessions of its applications.
    await aws.sql(origin, "create role app login password 'application1'");
    const app = new pg.Client({
      connectionString: origin.url.replace(
        `${MASTER.username}:${MASTER.password}`,
        'app:application1',
      ),
    });
    app.on('error', () => undefined);
    await app.connect();
    expect(
      await aws.sql(
        origin,
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'app'",
      ),
    ).toEqual([{ booleanValue: true }]);
  });

  it('restores a cluster that has neither instance nor Data API until they are made', async () => {
    // GIVEN
    await snapshot('first');
    await aws.sql(origin, "insert into boat values ('after the snapshot')");
    // WHEN
    await restore('first', 'harbour-first');
    const restored = await aws.available('harbour-first');
    // THEN
    expect(restored).toMatchObject({
      Status: 'available',
      HttpEndpointEnabled: false,
      DBClusterMembers: [],
      DBSubnetGroup: 'default',
      DeletionProtection: false,
    });
    expect(restored.MasterUserSecret).toBeUndefined();
    const arns = { resourceArn: restored.DBClusterArn ?? '', secretArn: origin.secretArn };
    const count = (): Promise<unknown> => aws.sql(arns, 'select count(*) from boat');
    await expect(count()).rejects.toMatchObject({ name: 'HttpEndpointNotEnabledException' });
    // WHEN the Data API is on, an instance is still missing
    const on = new EnableHttpEndpointCommand({ ResourceArn: arns.resourceArn });
    expect(await aws.client.send(on)).toMatchObject({ HttpEndpointEnabled: true });
    await expect(count()).rejects.toMatchObject({ name: 'DatabaseNotFoundException' });
    // WHEN it has one
    await aws.bringUp('harbour-first');
    // THEN
    expect(await count()).toEqual([{ longValue: 1 }]);
  });

  it('keeps the passwords of the time of the snapshot', async () => {
    // GIVEN a snapshot, and a password that changes afterwards in both places
    await snapshot('old-password');
    await aws.client.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'harbour',
        MasterUserPassword: 'battery-staple',
        ApplyImmediately: true,
      }),
    );
    await aws.rds.putSecret(origin.secretArn, { ...MASTER, password: 'battery-staple' });
    expect(await aws.sql(origin, 'select 1')).toEqual([{ longValue: 1 }]);
    // WHEN
    await restore('old-password', 'harbour-old');
    const resourceArn = await aws.bringUp('harbour-old');
    // THEN the new secret does not open the old cluster, until its password is set
    const arns = { resourceArn, secretArn: origin.secretArn };
    await expect(aws.sql(arns, 'select 1')).rejects.toMatchObject({
      name: 'InvalidSecretException',
    });
    await aws.client.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'harbour-old',
        MasterUserPassword: 'battery-staple',
      }),
    );
    expect(await aws.sql(arns, 'select 1')).toEqual([{ longValue: 1 }]);
    // AND a managed password comes with its own secret
    const managed = await aws.client.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'harbour-old',
        ManageMasterUserPassword: true,
      }),
    );
    const secretArn = managed.DBCluster?.MasterUserSecret?.SecretArn ?? '';
    expect(await aws.sql({ resourceArn, secretArn }, 'select 1')).toEqual([{ longValue: 1 }]);
  });

  it('breaks the Data API of a renamed cluster until it is turned off and on', async () => {
    // GIVEN
    await aws.client.send(
      new RestoreDBClusterToPointInTimeCommand({
        SourceDBClusterIdentifier: 'harbour',
        DBClusterIdentifier: 'to-rename',
        RestoreType: 'copy-on-write',
        UseLatestRestorableTime: true,
      }),
    );
    await aws.bringUp('to-rename');
    const { DbClusterResourceId } = await aws.cluster('to-rename');
    // WHEN
    const rename = { DBClusterIdentifier: 'to-rename', NewDBClusterIdentifier: 'Renamed' };
    await expect(aws.client.send(new ModifyDBClusterCommand(rename))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    await aws.client.send(new ModifyDBClusterCommand({ ...rename, ApplyImmediately: true }));
    // THEN
    const renamed = await aws.cluster('renamed');
    expect(renamed).toMatchObject({ DbClusterResourceId, HttpEndpointEnabled: true });
    await expect(aws.cluster('to-rename')).rejects.toMatchObject({
      name: 'DBClusterNotFoundFault',
    });
    const arns = { resourceArn: renamed.DBClusterArn ?? '', secretArn: origin.secretArn };
    const refused = { name: 'HttpEndpointNotEnabledException' };
    await expect(aws.sql(arns, 'select 1')).rejects.toMatchObject(refused);
    const ResourceArn = arns.resourceArn;
    await aws.client.send(new EnableHttpEndpointCommand({ ResourceArn }));
    await expect(aws.sql(arns, 'select 1')).rejects.toMatchObject(refused);
    await aws.client.send(new DisableHttpEndpointCommand({ ResourceArn }));
    await aws.client.send(new EnableHttpEndpointCommand({ ResourceArn }));
    expect(await aws.sql(arns, 'select 1')).toEqual([{ longValue: 1 }]);
  });

  it('deletes a cluster only without protection and instances, and can leave a snapshot', async () => {
    // GIVEN
    await snapshot('to-delete');
    await restore('to-delete', 'doomed');
    await aws.bringUp('doomed');
    const modify = (DeletionProtection: boolean): Promise<unknown> =>
      aws.client.send(
        new ModifyDBClusterCommand({ DBClusterIdentifier: 'doomed', DeletionProtection }),
      );
    const remove = (): Promise<unknown> =>
      aws.client.send(
        new DeleteDBClusterCommand({
          DBClusterIdentifier: 'doomed',
          FinalDBSnapshotIdentifier: 'last-words',
        }),
      );
    await modify(true);
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await modify(false);
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    // WHEN
    await aws.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'doomed-writer' }));
    await remove();
    await aws.rds.settled();
    // THEN
    await expect(aws.cluster('doomed')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    expect(await aws.snapshotDone('last-words')).toMatchObject({
      Status: 'available',
      DBClusterIdentifier: 'doomed',
    });
    await restore('last-words', 'reborn');
    const resourceArn = await aws.bringUp('reborn');
    expect(
      await aws.sql({ resourceArn, secretArn: origin.secretArn }, 'select count(*) > 0 from boat'),
    ).toEqual([{ booleanValue: true }]);
  });

  it('keeps tags', async () => {
    await snapshot('tagged');
    const { TagList, DBClusterSnapshotArn: ResourceName } = await aws.snapshotDone('tagged');
    expect(TagList).toEqual([{ Key: 'execution', Value: '<a & b>' }]);
    await aws.client.send(
      new AddTagsToResourceCommand({
        ResourceName,
        Tags: [{ Key: 'execution', Value: '2' }, { Key: 'keep' }],
      }),
    );
    const listed = await aws.client.send(new ListTagsForResourceCommand({ ResourceName }));
    expect(listed.TagList).toEqual([
      { Key: 'execution', Value: '2' },
      { Key: 'keep', Value: '' },
    ]);
  });

  it('restarts a crashed server by itself', async () => {
    const server = aws.rds.postgres('harbour');
    await server?.kill();
    for (let attempt = 0; attempt < 100 && !aws.rds.postgres('harbour'); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(aws.rds.postgres('harbour')?.pid).not.toBe(server?.pid);
    expect(await aws.sql(origin, 'select count(*) from boat')).toEqual([{ longValue: 2 }]);
  });

  const named = (identifier: string) => ({ DBClusterIdentifier: identifier });
  const create = (identifier: string, more: object = {}) =>
    new CreateDBClusterCommand({
      ...named(identifier),
      Engine: ENGINE,
      MasterUsername: 'boss',
      MasterUserPassword: 'long-enough',
      ...more,
    });
  const snap = (cluster: string, id: string) =>
    new CreateDBClusterSnapshotCommand({ ...named(cluster), DBClusterSnapshotIdentifier: id });
  const instance = (id: string, cluster: string, type = 'db.serverless') =>
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: id,
      DBInstanceClass: type,
      Engine: ENGINE,
      DBClusterIdentifier: cluster,
    });

  it.each([
    ['DBClusterNotFoundFault', new DescribeDBClustersCommand(named('gone'))],
    ['DBClusterNotFoundFault', snap('gone', 'a')],
    ['DBClusterAlreadyExistsFault', create('harbour')],
    ['InvalidParameterValue', create('1st')],
    ['InvalidParameterValue', create('a--b')],
    ['InvalidParameterValue', create('a-')],
    ['InvalidParameterValue', create('ok', { MasterUsername: 'rdsadmin' })],
    ['InvalidParameterValue', create('ok', { MasterUserPassword: 'short' })],
    ['InvalidParameterValue', create('ok', { Engine: 'aurora-mysql' })],
    ['InvalidParameterValue', create('ok', { EngineVersion: '12.4' })],
    ['MissingParameter', create('ok', { MasterUserPassword: undefined })],
    [
      'DBClusterSnapshotNotFoundFault',
      new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'gone' }),
    ],
    ['InvalidParameterValue', snap('harbour', 'no good')],
    ['DBInstanceNotFoundFault', new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'gone' })],
    ['DBInstanceAlreadyExistsFault', instance('harbour-instance-1', 'harbour')],
    ['InvalidDBClusterStateFault', instance('second', 'harbour')],
    ['InvalidParameterValue', instance('small', 'harbour', 'db.t4g.medium')],
    [
      'ResourceNotFoundFault',
      new EnableHttpEndpointCommand({
        ResourceArn: 'arn:aws:rds:us-east-1:000000000000:cluster:gone',
      }),
    ],
    [
      'InvalidParameterValue',
      new RestoreDBClusterToPointInTimeCommand({
        ...named('x'),
        SourceDBClusterIdentifier: 'harbour',
        RestoreToTime: new Date(),
      }),
    ],
    ['InvalidParameterCombination', new DeleteDBClusterCommand(named('harbour'))],
  ] as const)('answers %s', async (name, command) => {
    const refused =
      command instanceof DeleteDBClusterCommand
        ? aws.client.send(create('lonely')).then(async () => {
            await aws.rds.settled();
            return aws.client.send(new DeleteDBClusterCommand(named('lonely')));
          })
        : aws.client.send(command as DescribeDBClustersCommand);
    await expect(refused).rejects.toMatchObject({ name });
  });

  it('refuses a second snapshot of one name, and one that is not ready', async () => {
    await aws.client.send(snap('harbour', 'twice'));
    await expect(aws.client.send(snap('harbour', 'Twice'))).rejects.toMatchObject({
      name: 'DBClusterSnapshotAlreadyExistsFault',
    });
    const early = { name: 'InvalidDBClusterSnapshotStateFault' };
    await expect(restore('twice', 'early')).rejects.toMatchObject(early);
    await expect(
      aws.client.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'twice' })),
    ).rejects.toMatchObject(early);
    await aws.snapshotDone('twice');
    await aws.client.send(
      new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: 'twice' }),
    );
    await expect(restore('twice', 'late')).rejects.toMatchObject({
      name: 'DBClusterSnapshotNotFoundFault',
    });
  });

  it('shows a database of somebody else, and says why it cannot copy it', async () => {
    // GIVEN
    const database = await freshDatabase();
    const external = await aws.rds.registerExternalCluster({
      identifier: 'elsewhere',
      url: database.url,
    });
    // THEN
    expect(await aws.cluster('elsewhere')).toMatchObject({ Status: 'available' });
    await expect(aws.client.send(snap('elsewhere', 'x'))).rejects.toMatchObject({
      name: 'InvalidDBClusterStateFault',
      message: expect.stringContaining('external database'),
    });
    await expect(aws.sql(external, 'select 1')).rejects.toThrow(
      /database "harbour" does not exist/,
    );
    await database.drop();
  });
});

describe('an embedded RDS that is started again', () => {
  it('finds its clusters, snapshots, secrets and data', async () => {
    // GIVEN
    let aws = await startEmbeddedRds();
    const ready = { identifier: 'harbour', database: 'harbour', ...MASTER };
    const origin = await aws.rds.createReadyCluster(ready);
    await aws.sql(origin, 'create table boat as select 1 as id');
    await aws.client.send(
      new CreateDBClusterSnapshotCommand({
        DBClusterIdentifier: 'harbour',
        DBClusterSnapshotIdentifier: 'kept',
      }),
    );
    await aws.stop();
    // WHEN
    aws = await startEmbeddedRds({ root: aws.root });
    // THEN
    expect(await aws.snapshotDone('kept')).toMatchObject({ Status: 'available' });
    expect(await aws.sql(origin, 'select id from boat')).toEqual([{ longValue: 1 }]);
    expect(await aws.rds.createReadyCluster(ready)).toMatchObject({
      resourceArn: origin.resourceArn,
    });
    await aws.stop();
    await aws.remove();
  });

  it('is subject to fault injection', async () => {
    const asked: string[] = [];
    const aws = await startEmbeddedRds({
      faults: (service, action) => {
        asked.push(`${service}:${action}`);
        return asked.length === 1 ? { kind: 'throttle' } : undefined;
      },
    });
    const describeAll = new DescribeDBClustersCommand({});
    await expect(aws.client.send(describeAll)).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
    });
    await expect(aws.client.send(describeAll)).resolves.toMatchObject({ DBClusters: [] });
    expect(asked).toEqual(['rds:DescribeDBClusters', 'rds:DescribeDBClusters']);
    await aws.stop();
    await aws.remove();
  });
});
