import { describe, expect, it } from '@jest/globals';
import type { Execution } from '../../../lib/core/executions/execution.ts';
import { epochMs } from '../../../lib/core/ids.ts';
import { EXPIRES, expiryOf } from '../../../lib/core/restore/lifetime.ts';
import { PUT_ASIDE, TAKING_OVER } from '../../../lib/engine/restore/context.ts';
import { reasonToKeep } from '../../../lib/engine/sweep/reason-to-keep.ts';
import type { RestoredCluster } from '../../../lib/ports/cluster-service.ts';
import { anExecution, NOON } from '../../ports/control-store-samples.ts';

const DAY_MS = 24 * 3_600_000;
const later = epochMs(NOON + 8 * DAY_MS);

const expired: RestoredCluster = {
  clusterIdentifier: 'orders-restored-k3x9ab',
  clusterArn: 'arn:aws:rds:eu-central-1:123456789012:cluster:orders-restored-k3x9ab',
  status: 'available',
  dataApiEnabled: true,
  deletionProtection: false,
  tags: { [EXPIRES]: expiryOf(NOON) },
  instances: [],
};
const withTags = (tags: Record<string, string>) => ({
  ...expired,
  tags: { ...expired.tags, ...tags },
});

describe('a restored cluster', () => {
  it('goes when its week is over', () => {
    expect(reasonToKeep(expired, epochMs(NOON + 7 * DAY_MS - 1), [])).toContain('it expires');
    expect(reasonToKeep(expired, epochMs(NOON + 7 * DAY_MS), [])).toBeUndefined();
  });

  it.each<[string, RestoredCluster]>([
    ['has no tag', { ...expired, tags: {} }],
    ['has no tag', withTags({ [EXPIRES]: 'never' })],
    ['expires 2030', withTags({ [EXPIRES]: '2030-01-01T00:00:00Z' })],
    ['took over', withTags({ [TAKING_OVER]: 'somebody' })],
    ['put aside', withTags({ [PUT_ASIDE]: 'somebody' })],
    ['renamed', { ...expired, clusterIdentifier: 'orders' }],
    ['protected', { ...expired, deletionProtection: true }],
    ['deleting', { ...expired, status: 'deleting' }],
  ])('stays because it %s', (why, cluster) => {
    expect(reasonToKeep(cluster, later, [])).toContain(why);
  });

  it('stays while a restore works with it', () => {
    const names = { restored: expired.clusterIdentifier };
    const restore = anExecution({ status: 'running', restore: { names } as Execution['restore'] });
    expect(reasonToKeep(expired, later, [restore])).toContain(restore.executionId);
  });
});
