import Table from 'cli-table3';
import pc from 'picocolors';
import { type Claim, claimsOf, short } from './claims.ts';
import type { DemoFacts, MigrationFacts } from './demo-facts.ts';
import { count, milliseconds, rate } from './report-numbers.ts';
import type { PhaseReport, TrafficReport } from './traffic/traffic-report.ts';

/** The report of a demo: the text for the terminal, and its claims for the exit code. */
export interface DemoReport {
  readonly text: string;
  readonly claims: readonly Claim[];
}

/** How the text is printed. */
export interface ReportStyle {
  readonly color: boolean;
}

/** Puts the facts into words; it measures and decides nothing but the claims. */
export function reportOf(facts: DemoFacts, { color }: ReportStyle): DemoReport {
  const colors = pc.createColors(color);
  const claims = claimsOf(facts);
  const sections = [
    ...facts.migrations.map((migration) => migrationSection(migration, colors)),
    trafficSection(facts.traffic, facts.quietPhase, colors),
    claimsSection(claims, colors),
    summary(facts, claims),
  ];
  return { text: sections.join('\n\n'), claims };
}

type Colors = ReturnType<typeof pc.createColors>;

function migrationSection(migration: MigrationFacts, colors: Colors): string {
  const phases = table(['phase', 'time'], 1);
  for (const { name, durationMs } of migration.phases) {
    phases.push([name, milliseconds(durationMs)]);
  }
  const parts = [
    colors.bold(`${migration.migrationId}  ${migration.title}`),
    ...(migration.reason === undefined ? [] : [migration.reason]),
    phases.toString(),
  ];
  if (migration.backfills.length > 0) parts.push(backfillTable(migration));
  parts.push(
    `schema ${short(migration.fingerprintBefore)} before, ${short(migration.fingerprintAfter)} after`,
  );
  return parts.join('\n');
}

function backfillTable({ backfills }: MigrationFacts): string {
  const rows = table(['backfill', 'walked', 'rows', 'time', 'rate'], 2);
  for (const backfill of backfills) {
    rows.push([
      backfill.stepId,
      backfill.table,
      count(backfill.rows),
      milliseconds(backfill.durationMs),
      rate(backfill.rows, backfill.durationMs),
    ]);
  }
  return rows.toString();
}

function trafficSection(traffic: TrafficReport, quietPhase: string, colors: Colors): string {
  const rows = table(['traffic', 'requests', 'failed', 'p50', 'p99', 'max', 'lock wait'], 1);
  for (const phase of traffic.phases) rows.push(phaseRow(phase, quietPhase));
  const { old, new: fresh } = traffic.requestsByVersion;
  const lines = [
    colors.bold('Traffic of both versions'),
    rows.toString(),
    `old version ${count(old)} requests, new version ${count(fresh)}; ${count(traffic.handedToOld)} went to the old one because their account was not moved yet`,
  ];
  const wait = traffic.longestLockWait;
  if (wait !== undefined) {
    const behind = wait.blockedBy.length > 0 ? ` behind ${wait.blockedBy.join(', ')}` : '';
    lines.push(
      `longest lock wait ${milliseconds(wait.waitMs)} in ${wait.phase}: ${wait.waiter} for ${wait.lock}${behind}`,
    );
  }
  for (const failure of traffic.failures) {
    lines.push(
      colors.red(
        `${count(failure.count)} x ${failure.version} ${failure.operation} in ${failure.phase}: ${failure.message}`,
      ),
    );
  }
  return lines.join('\n');
}

function phaseRow(phase: PhaseReport, quietPhase: string): string[] {
  const { latency } = phase;
  return [
    phase.phase === quietPhase ? `${phase.phase} (quiet)` : phase.phase,
    count(phase.requests),
    count(phase.failed),
    milliseconds(latency.p50Ms),
    milliseconds(latency.p99Ms),
    milliseconds(latency.maxMs),
    phase.longestLockWaitMs > 0 ? milliseconds(phase.longestLockWaitMs) : '-',
  ];
}

function claimsSection(claims: readonly Claim[], colors: Colors): string {
  const lines = claims.map(({ text, held, evidence }) => {
    const mark = held ? colors.green('✓') : colors.red('✗');
    return `${mark} ${text}: ${evidence}`;
  });
  return [colors.bold('Claims'), ...lines].join('\n');
}

function summary({ size, loadMs, restore, totalMs }: DemoFacts, claims: readonly Claim[]): string {
  const held = claims.filter((claim) => claim.held).length;
  return [
    `${count(size.invoices)} invoices of ${count(size.accounts)} accounts, loaded in ${milliseconds(loadMs)}; ${restore.snapshotId} restored in ${milliseconds(restore.durationMs)}`,
    `${held} of ${claims.length} claims held, in ${milliseconds(totalMs)}`,
  ].join('\n');
}

/** A table without inner lines and without colours of its own. */
function table(head: readonly string[], leftColumns: number): Table.Table {
  return new Table({
    head: [...head],
    colAligns: head.map((_, column) => (column < leftColumns ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
}
