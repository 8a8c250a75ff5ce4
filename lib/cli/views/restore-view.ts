import color from 'picocolors';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';
import type { RestoreReport } from '../../engine/restore/report.ts';
import { duration, moment } from './durations.ts';

/** What a responder must know after a restore, in plain words. */
export function restoreView(report: RestoreReport): string {
  return [
    ...(report.keptCluster === undefined ? besideLines(report) : inPlaceLines(report)),
    '',
    ...lossLines(report),
    '',
    ...checkLines(report),
    color.bold('What it says about itself'),
    ...ledgerLines(report),
    '',
    color.bold('What to do next'),
    ...(report.keptCluster === undefined ? nextBeside(report) : nextInPlace(report)),
  ].join('\n');
}

function besideLines(report: RestoreReport): readonly string[] {
  const { originalCluster, restoredCluster } = report;
  return [
    `${color.bold(restoredCluster)} is a copy of ${originalCluster} as it was ${when(report)}.`,
    `${originalCluster} itself was not touched: it still serves whoever is connected to it.`,
  ];
}

function inPlaceLines(report: RestoreReport): readonly string[] {
  const { originalCluster, keptCluster } = report;
  return [
    `${color.bold(originalCluster)} is now the restored cluster: what it was ${when(report)}.`,
    `The old one is kept as ${keptCluster}: read-only, protected from deletion.`,
  ];
}

function lossLines({ originalCluster, keptCluster, takenAt, writeLossMs }: RestoreReport) {
  const where = keptCluster === undefined ? originalCluster : 'the old cluster';
  return [
    `${color.bold('What is missing')}  Everything written to ${where} since ${moment(takenAt)}:`,
    `                 ${color.red(duration(writeLossMs))} of writes${keptCluster === undefined ? ', and more with every minute' : ''}.`,
  ];
}

function checkLines({ checks }: RestoreReport): readonly string[] {
  if (checks.length === 0) return [];
  const mark = (held: boolean) => (held ? color.green('+') : color.red('x'));
  return [
    color.bold('What was verified in it'),
    ...checks.map(({ name, held, note }) => `  ${mark(held)} ${name}: ${color.dim(note)}`),
    '',
  ];
}

function nextBeside(report: RestoreReport): readonly string[] {
  const { originalCluster, restoredCluster, of } = report;
  return [
    `  1. Look at it: the cluster ARN is ${report.restoredClusterArn}`,
    `  2. Decide: use it in place of ${originalCluster}, or copy what was lost back out of it.`,
    `  3. To use it: lockkeeper restore ${of} --take-over; the same cluster takes the name ${originalCluster}`,
    '     once somebody approves. Or point the application at it.',
    `  4. ${restoredCluster} costs money until it is deleted, also when you only looked at it.`,
  ];
}

function nextInPlace({ originalCluster, keptCluster }: RestoreReport): readonly string[] {
  return [
    `  1. Start the writers again. Names may be cached for some ten minutes: restart pools that still reach ${keptCluster}.`,
    '  2. lockkeeper history lists the executions whose records were corrected, lockkeeper status what to do about each.',
    `  3. Before the stack that owns ${originalCluster} is deployed again: detect its drift (docs/runbook.md).`,
    `  4. Delete ${keptCluster} when nobody can ask for a row of it any more; it is protected until then.`,
  ];
}

function when({ moment: taken, takenAt }: RestoreReport): string {
  return taken === undefined ? `at ${moment(takenAt)}` : taken.replace('-', ' ');
}

function ledgerLines({ ledger, moment: taken }: RestoreReport): readonly string[] {
  if (ledger.length === 0) return ['  It knows of no migration.'];
  return ledger.map(({ migrationId, status, executionId }) => {
    const half = taken === undefined ? 'half way at that time' : HALF_WAY[taken];
    const consequence = status === 'in-progress' ? `: ${color.yellow(half)}` : '';
    return `  ${migrationId}: ${status} by ${executionId}${consequence}`;
  });
}

/** What a snapshot in the middle of a migration holds of it. */
const HALF_WAY: Readonly<Record<SnapshotMoment, string>> = {
  'before-expand': 'planned, nothing of it was done yet',
  'before-contract': 'expanded and filled, nothing taken away; old and new application both work',
};
