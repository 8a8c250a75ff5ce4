import color from 'picocolors';
import { describeSource } from '../../core/restore/order.ts';
import type { RestorePlan } from '../dry-run-restore.ts';
import { duration, moment } from './durations.ts';

/** The plan of a restore, for somebody who has to decide. */
export function restorePlanView(plan: RestorePlan): string {
  const { order, expected } = plan;
  const { names } = order;
  const becomes = order.takeOver
    ? `, then takes the name ${names.original}; the old cluster is kept as ${names.kept}`
    : `; ${names.original} is not touched`;
  return [
    color.bold(`Restore ${names.original} ${describeSource(order.source)} (nothing was done)`),
    `It becomes ${names.restored}${becomes}.`,
    ...(plan.thereAlready
      ? [`${names.restored} is there from an earlier restore and is used again.`]
      : []),
    ...(plan.inTheWay !== undefined && order.takeOver
      ? [
          color.yellow(
            `${plan.inTheWay} is at work on the target and has to end before the takeover: lockkeeper abort ${plan.inTheWay}`,
          ),
        ]
      : []),
    '',
    `${color.bold('Lost')}      every write since ${moment(plan.takenAt)}: ${color.red(duration(plan.writeLossMs))} now, and more with every minute`,
    `${color.bold('Takes')}     ${duration(expected.fromMs)} to ${duration(expected.toMs)} (${expected.basis})${order.takeOver ? ', without the time until somebody approves' : ''}`,
    ...(order.takeOver
      ? [
          `${color.bold('Outage')}    from "Hold target" to "Verify under the old name": the old cluster is frozen, then renamed`,
          `${color.bold('Approval')}  lockkeeper approve ${plan.restoreId} takeover, after the verification`,
        ]
      : []),
    '',
    color.bold('Calls, in order'),
    ...plan.calls.flatMap(({ state, operation, input }, index) => [
      `  ${String(index + 1).padStart(2)}. rds ${operation}  ${color.dim(state)}`,
      ...Object.entries(input).map(([name, value]) => `        ${name}: ${shown(value)}`),
    ]),
    '',
    color.bold('Statements'),
    `  ${names.restored}: reads of the ledger, the catalog and the tables${order.takeOver ? '; a new fencing token' : ''}`,
    ...(order.takeOver
      ? [
          `  ${names.original}, before the rename: a new fencing token, default_transaction_read_only = on, every other session is ended`,
          `  ${names.original}, after the rename: the ledger is reconciled with the control store`,
        ]
      : []),
    '',
    color.bold('Permissions of the functions'),
    ...plan.permissions.map(({ actions, on }) => `  ${actions.join(', ')}\n      on ${on}`),
  ].join('\n');
}

function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'string' ? value : JSON.stringify(value);
}
