import type { HandlerName } from '../../lib/core/workflow/handlers.ts';
import type { Aim } from '../armed.ts';
import { type Cell, cellsOf, some } from '../cell.ts';
import type { Story } from '../migrations.ts';
import { clockSkew, DUPLICATES, INVOKE_TROUBLES, KILLED } from '../trouble.ts';
import { PHASES } from './phases.ts';

interface Function {
  readonly by: HandlerName;
  readonly story: Story;
  /** Whether it compares times. */
  readonly readsClock: boolean;
}

const FUNCTIONS: readonly Function[] = [
  { by: 'prepare', story: 'whole', readsClock: true },
  { by: 'snapshot', story: 'snapshot', readsClock: false },
  { by: 'expand', story: 'whole', readsClock: false },
  { by: 'open-gate', story: 'whole', readsClock: true },
  { by: 'backfill', story: 'whole', readsClock: true },
  { by: 'validate', story: 'whole', readsClock: false },
  { by: 'contract', story: 'whole', readsClock: false },
  { by: 'finalize', story: 'whole', readsClock: true },
  { by: 'rollback', story: 'refused', readsClock: false },
  { by: 'finish', story: 'whole', readsClock: false },
  { by: 'decide-gate', story: 'whole', readsClock: true },
];

/** Each function: refused, lost, called twice, in another time. */
export const LAMBDA_CELLS: readonly Cell[] = FUNCTIONS.flatMap(({ by, story, readsClock }) =>
  cellsOf({
    seam: 'Lambda',
    call: `Invoke ${by}`,
    story,
    aim: { service: 'lambda', action: 'Invoke', by },
    faults: {
      ...some(INVOKE_TROUBLES, 'throttled', 'reset, done'),
      ...DUPLICATES,
      ...(readsClock && {
        'clock ahead': clockSkew('ahead'),
        'clock behind': clockSkew('behind'),
      }),
    },
  }),
);

/** Each function dies in the middle of a call: the one that it is there for, and its last one. */
export const KILL_CELLS: readonly Cell[] = [
  ...PHASES.flatMap(({ name, by, story, sql }) =>
    killed(`at ${name}`, story, { service: 'rds-data', action: 'ExecuteStatement', by, sql }),
  ),
  ...killed('at the commit of expand', 'whole', commitOf('expand')),
  ...killed('at the commit of contract', 'whole', commitOf('contract')),
  ...killed('at the commit of finalize', 'whole', commitOf('finalize')),
  ...killed('at the commit of the rollback', 'refused', commitOf('rollback')),
  ...killed('prepare, at its plan', 'whole', control('PutItem', 'prepare')),
  ...killed('prepare, at the lease', 'whole', control('UpdateItem', 'prepare')),
  ...killed('open-gate, at the gate', 'whole', control('PutItem', 'open-gate')),
  ...killed('finish, at the status', 'whole', control('UpdateItem', 'finish')),
  ...killed('finish, at the lease', 'whole', { ...control('UpdateItem', 'finish'), nth: 2 }),
  ...killed('decide-gate, at the decision', 'whole', control('PutItem', 'decide-gate')),
  ...killed('decide-gate, at the waking', 'whole', {
    service: 'states',
    action: 'SendTaskSuccess',
    by: 'decide-gate',
  }),
  ...killed('snapshot, at its making', 'snapshot', {
    service: 'rds',
    action: 'CreateDBClusterSnapshot',
    by: 'snapshot',
  }),
];

function killed(where: string, story: Story, aim: Aim): readonly Cell[] {
  return cellsOf({ seam: 'Function killed', call: where, story, aim, faults: KILLED });
}

function commitOf(by: HandlerName): Aim {
  return { service: 'rds-data', action: 'CommitTransaction', by };
}

function control(action: string, by: HandlerName): Aim {
  return { service: 'dynamodb', action, by };
}
