import color from 'picocolors';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';
import type { RestoreReport } from '../../engine/restore.ts';
import { duration, moment } from './durations.ts';

/** What a responder must know after a restore, in plain words. */
export function restoreView(report: RestoreReport): string {
  const { originalCluster, restoredCluster, takenAt, writeLossMs } = report;
  return [
    `${color.bold(restoredCluster)} is a copy of ${originalCluster} as it was ${report.moment.replace('-', ' ')}.`,
    `${originalCluster} itself was not touched: it still serves whoever is connected to it.`,
    '',
    `${color.bold('What is missing')}  Everything written to ${originalCluster} since ${moment(takenAt)}:`,
    `                 ${color.red(duration(writeLossMs))} of writes, and more with every minute.`,
    '',
    color.bold('What it says about itself'),
    ...ledgerLines(report),
    '',
    color.bold('What to do next'),
    `  1. Look at it: the cluster ARN is ${report.restoredClusterArn}`,
    `  2. Decide: use it in place of ${originalCluster}, or copy what was lost back out of it.`,
    `  3. To use it: stop the writers, point the application at ${restoredCluster}, start them again.`,
    `     Or rename both clusters, so that ${restoredCluster} takes over the endpoint of ${originalCluster}.`,
    `  4. It costs money until it is deleted, also when you only looked at it.`,
  ].join('\n');
}

function ledgerLines({ ledger, moment: taken }: RestoreReport): readonly string[] {
  if (ledger.length === 0) return ['  It knows of no migration.'];
  return ledger.map(({ migrationId, status, executionId }) => {
    const consequence = status === 'in-progress' ? `: ${color.yellow(HALF_WAY[taken])}` : '';
    return `  ${migrationId}: ${status} by ${executionId}${consequence}`;
  });
}

/** What a snapshot in the middle of a migration holds of it. */
const HALF_WAY: Readonly<Record<SnapshotMoment, string>> = {
  'before-expand': 'planned, nothing of it was done yet',
  'before-contract': 'expanded and filled, nothing taken away; old and new application both work',
};
