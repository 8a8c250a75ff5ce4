import { type HandlerWiring, wireHandler } from '../lib/aws/wiring.ts';
import { LockkeeperError } from '../lib/core/errors.ts';
import { HANDLER_CAPABILITIES } from '../lib/core/workflow/handlers.ts';
import { type Sweep, sweepClusters } from '../lib/engine/sweep/sweep-clusters.ts';
import { callLog } from './shared/call-log.ts';

const log = callLog('sweep');
let wiring: HandlerWiring | undefined;

/** A schedule invokes it. It throws when something is left to remove, so that an alarm sees it. */
export async function handler(): Promise<Sweep> {
  wiring ??= wireHandler(process.env, HANDLER_CAPABILITIES.sweep, log.trouble);
  const { clusters, control, events, clock, target } = wiring;
  if (clusters === undefined) {
    throw new LockkeeperError('Internal', 'this handler may not touch clusters', {
      fix: 'add the sweep capability to it in lib/core/workflow/handlers.ts',
    });
  }
  const { clusterIdentifier } = target;
  const sweep = await sweepClusters({ control, events, clock, clusters, clusterIdentifier });
  for (const cluster of sweep.removed) log.note('removed a cluster that expired', { cluster });
  for (const one of sweep.failed) log.trouble(`could not remove ${one.clusterIdentifier}`);
  if (sweep.failed.length === 0) return sweep;
  throw new LockkeeperError(
    'RestoreFailed',
    `could not remove ${sweep.failed.map((one) => one.clusterIdentifier).join(', ')}`,
    { fix: 'docs/runbook.md, Sweep failing' },
  );
}
