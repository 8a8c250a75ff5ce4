import { LockkeeperError } from '../lib/core/errors.ts';
import { parseSnapshotTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { takeSnapshot } from '../lib/engine/take-snapshot.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('snapshot', parseSnapshotTaskInput, (input, scene) => {
  const { wiring } = scene;
  if (wiring.clusters === undefined) {
    throw new LockkeeperError('Internal', 'this handler has no access to snapshots', {
      fix: 'add the snapshot capability to it in lib/core/workflow/handlers.ts',
    });
  }
  return takeSnapshot(
    {
      ...onTarget(scene),
      clusters: wiring.clusters,
      clusterIdentifier: wiring.target.clusterIdentifier,
    },
    input.moment,
  );
});
