import { LockkeeperError } from '../../lib/core/errors.ts';
import type { TargetContext } from '../../lib/engine/context.ts';
import { taggedTransactions } from '../../lib/engine/tag.ts';
import type { TaskScene } from './task-handler.ts';

/** The context of use cases that work on the target database. */
export function onTarget({ context, wiring }: TaskScene): TargetContext {
  if (wiring.database === undefined) {
    throw new LockkeeperError('Internal', 'this handler has no access to the target database', {
      fix: 'add the sql capability to it in lib/core/workflow/handlers.ts',
    });
  }
  const database = taggedTransactions(wiring.database, context.executionId);
  return { ...context, database, host: wiring.host, target: wiring.target.name };
}
