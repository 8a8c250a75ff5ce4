import type { Aim, CallMaker } from '../armed.ts';
import { type Cell, cellsOf, some } from '../cell.ts';
import type { Story } from '../migrations.ts';
import { SERVICE_TROUBLES } from '../trouble.ts';

type Faults = readonly (keyof typeof SERVICE_TROUBLES)[];

const USUAL: Faults = ['throttled', 'server error', 'reset, not done', 'reset, done'];

/** The control store, called by those who write most into it. */
export const CONTROL_STORE_CELLS: readonly Cell[] = [
  ...control('GetItem', 'prepare', ['throttled', 'server error', 'timeout, not done']),
  ...control('Query', 'open-gate', ['throttled', 'server error']),
  ...control('PutItem', 'prepare', ['throttled', 'reset, not done', 'reset, done']),
  ...control('PutItem', 'open-gate', ['server error', 'server error, done', 'reset, done']),
  ...control('PutItem', 'decide-gate', ['server error', 'server error, done', 'reset, done']),
  ...control('PutItem', 'finish', ['reset, not done', 'reset, done']),
  ...control('UpdateItem', 'prepare', ['throttled', 'server error, done', 'timeout, done']),
  ...control('UpdateItem', 'expand', ['throttled', 'reset, done']),
  ...control('UpdateItem', 'finish', ['throttled', 'server error, done', 'reset, done']),
  ...control('UpdateItem', 'rollback', ['server error, done', 'reset, done'], 'refused'),
  ...control('PutItem', 'person', ['throttled', 'server error, done', 'reset, done']),
];

function control(
  action: string,
  by: CallMaker,
  faults: Faults,
  story: Story = 'whole',
): readonly Cell[] {
  const aim: Aim = { service: 'dynamodb', action, by };
  return row('DynamoDB', aim, faults, story);
}

/** Snapshots. */
export const RDS_CELLS: readonly Cell[] = [
  ...rds('CreateDBClusterSnapshot', [...USUAL, 'server error, done', 'timeout, done']),
  ...rds('DescribeDBClusterSnapshots', ['throttled', 'server error', 'reset, not done']),
  ...rds('DescribeDBClusters', ['throttled', 'server error']),
];

function rds(action: string, faults: Faults): readonly Cell[] {
  return row('RDS', { service: 'rds', action, by: 'snapshot' }, faults, 'snapshot');
}

/** Starting, waking, telling, and asking who one is. */
export const OTHER_CELLS: readonly Cell[] = [
  ...row('Step Functions', states('StartExecution', 'person'), [...USUAL, 'server error, done']),
  ...row('Step Functions', states('DescribeExecution', 'person'), ['throttled', 'reset, not done']),
  ...row('Step Functions', states('SendTaskSuccess', 'decide-gate'), [
    ...USUAL,
    'server error, done',
  ]),
  ...row('EventBridge', events('expand'), USUAL),
  ...row('EventBridge', events('finish'), ['server error', 'timeout, not done']),
  ...row('STS', { service: 'sts', action: 'GetCallerIdentity', by: 'person' }, [
    'throttled',
    'server error',
    'reset, not done',
  ]),
];

function states(action: string, by: CallMaker): Aim {
  return { service: 'states', action, by };
}

function events(by: CallMaker): Aim {
  return { service: 'events', action: 'PutEvents', by };
}

function row(seam: string, aim: Aim, faults: Faults, story: Story = 'whole'): readonly Cell[] {
  return cellsOf({
    seam,
    call: `${aim.action}, ${aim.by}`,
    story,
    aim,
    faults: some(SERVICE_TROUBLES, ...faults),
  });
}
