import { CreateDBClusterCommand, type Tag } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rdsClusterService } from '../../../lib/aws/rds/cluster-service.ts';
import { toTagList } from '../../../lib/aws/rds/tags.ts';
import { type ExecutionId, epochMs } from '../../../lib/core/ids.ts';
import { EXPIRES, expiryOf } from '../../../lib/core/restore/lifetime.ts';
import { type SweepContext, sweepClusters } from '../../../lib/engine/sweep/sweep-clusters.ts';
import { type EmbeddedRds, startEmbeddedRds } from '../../local/rds/embedded-rds.ts';
import { anExecution, aSource, NOON } from '../../ports/control-store-samples.ts';
import { hastyClock } from '../../support/clocks.ts';
import { type ControlScene, controlScene } from '../../support/engine-scene.ts';

describe('the sweep', () => {
  let rds: EmbeddedRds;
  let control: ControlScene;
  let context: SweepContext;
  let executionId: ExecutionId;
  beforeAll(async () => {
    rds = await startEmbeddedRds();
    control = await controlScene();
    const execution = anExecution({ status: 'rolled-back' });
    executionId = execution.executionId;
    await control.control.createExecution(execution, aSource());
    context = {
      control: control.control,
      events: { emit: async () => undefined },
      clock: { ...hastyClock, now: () => epochMs(NOON + 8 * 24 * 3_600_000) },
      clusters: rdsClusterService({ client: rds.client, clock: hastyClock }),
      clusterIdentifier: 'orders',
    };
  });
  afterAll(async () => {
    await rds.stop();
    await rds.remove();
    await control.close();
  });

  const restored = (name: string, tags: Record<string, string>, DeletionProtection = false) =>
    rds.client.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: name,
        Engine: 'aurora-postgresql',
        MasterUsername: 'harbourmaster',
        MasterUserPassword: 'correct-horse',
        DeletionProtection,
        Tags: toTagList(tags) satisfies Tag[],
      }),
    );
  const names = async () =>
    (await context.clusters.listClusters())
      .filter(({ status }) => status !== 'deleting')
      .map(({ clusterIdentifier }) => clusterIdentifier);

  it('removes what expired, instances first, and nothing that is not ours beyond doubt', async () => {
    // GIVEN clusters that are past their time, one of them protected and one of another stack
    const tags = { [EXPIRES]: expiryOf(NOON), 'lockkeeper:execution': executionId };
    await restored('orders-restored-a', tags);
    await restored('orders-restored-b', tags, true);
    await restored('orders-restored-c', { ...tags, 'lockkeeper:execution': '0009_other-zzzzzz' });
    await rds.bringUp('orders-restored-a');
    for (const name of ['b', 'c']) await rds.available(`orders-restored-${name}`);

    // WHEN
    const first = await sweepClusters(context);

    // THEN
    expect(first).toEqual({ removed: ['orders-restored-a'], failed: [] });
    expect(await names()).toEqual(['orders-restored-b', 'orders-restored-c']);
    expect(await control.control.listAudit(executionId)).toMatchObject([
      { kind: 'ClusterRemoved', by: 'the sweep', facts: { cluster: 'orders-restored-a' } },
    ]);

    // AND another call has nothing to do, whether the deletion is over or not
    expect(await sweepClusters(context)).toEqual({ removed: [], failed: [] });
  });

  it('goes on with the others when one cannot be removed, and says which', async () => {
    const { clusters } = context;
    const refused = await sweepClusters({
      ...context,
      clusters: {
        ...clusters,
        listClusters: async () =>
          (await clusters.listClusters()).map((cluster) => ({
            ...cluster,
            deletionProtection: false, // it was, a moment ago
          })),
      },
    });
    expect(refused).toMatchObject({
      removed: [],
      failed: [{ clusterIdentifier: 'orders-restored-b', why: expect.stringContaining('protect') }],
    });
    expect(await names()).toContain('orders-restored-b');
  });
});
