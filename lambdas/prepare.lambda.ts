import { LockkeeperError } from '../lib/core/errors.ts';
import { loadParser } from '../lib/core/sql/parser.ts';
import { parseTaskInput } from '../lib/core/workflow/parse-payload.ts';
import { prepare } from '../lib/engine/prepare.ts';
import { onTarget } from './shared/on-target.ts';
import { taskHandler } from './shared/task-handler.ts';

export const handler = taskHandler('prepare', parseTaskInput, async (_input, scene) => {
  const { execution, wiring } = scene;
  const { identities } = wiring;
  if (identities === undefined) {
    throw new LockkeeperError('Internal', 'this handler may not ask who somebody is', {
      fix: 'add the identify capability to it in lib/core/workflow/handlers.ts',
    });
  }
  const { withoutSnapshots } = wiring.target;
  const parser = await loadParser();
  return prepare({ ...onTarget(scene), execution, identities, parser, withoutSnapshots });
});
