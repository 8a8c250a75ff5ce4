import { LockkeeperError } from '../lib/core/errors.ts';
import { SQL_STEPS } from '../lib/engine/restore/step.ts';
import { restoreHandler } from './shared/restore-handler.ts';

export const handler = restoreHandler('restore-verify', SQL_STEPS, ({ wiring }, context) => {
  if (wiring.connectTo === undefined) {
    throw new LockkeeperError('Internal', 'this handler has no access to restored clusters', {
      fix: 'add the restored-sql capability to it in lib/core/workflow/handlers.ts',
    });
  }
  return { ...context, connect: wiring.connectTo };
});
