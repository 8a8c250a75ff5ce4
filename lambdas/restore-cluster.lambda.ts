import { LockkeeperError } from '../lib/core/errors.ts';
import { beginRestore } from '../lib/engine/restore/begin.ts';
import { CLUSTER_STEPS } from '../lib/engine/restore/step.ts';
import { restoreHandler } from './shared/restore-handler.ts';

export const handler = restoreHandler(
  'restore-cluster',
  { ...CLUSTER_STEPS, source: beginRestore },
  ({ execution, wiring }, context) => {
    const { identities } = wiring;
    if (identities === undefined) {
      throw new LockkeeperError('Internal', 'this handler may not ask who somebody is', {
        fix: 'add the identify capability to it in lib/core/workflow/handlers.ts',
      });
    }
    return { ...context, execution, identities };
  },
);
