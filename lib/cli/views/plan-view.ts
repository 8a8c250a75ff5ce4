import color from 'picocolors';
import type { GateName } from '../../core/migration/migration.ts';
import type { OldApplication } from '../../core/migration/old-application.ts';
import type { HashedPlan, Plan } from '../../core/plan/plan.ts';
import type { SnapshotMoment } from '../../core/workflow/payload.ts';
import { FORWARD_ORDER, STAGES, type Stage } from '../../core/workflow/states.ts';
import { workPhaseOf } from '../../engine/work-phase.ts';
import { duration } from './durations.ts';
import { stepView } from './step-view.ts';

/**
 * The plan as an operator reads it: every step, stop and snapshot in the order in which they come,
 * and the answer to "could we roll this back safely right now?".
 */
export function planView({ plan, hash }: HashedPlan): string {
  return [
    color.bold(plan.title),
    color.dim(
      `${plan.migrationId} · plan ${hash.slice(0, 12)} · PostgreSQL ${plan.serverVersion} · schema ${plan.fingerprint.slice(0, 12)}`,
    ),
    ...FORWARD_ORDER.flatMap((name) => stageView(plan, STAGES[name])),
    '',
    ...summary(plan),
  ].join('\n');
}

function stageView(plan: Plan, stage: Stage): readonly string[] {
  if (stage.kind === 'gate') return gateView(plan, stage.gate);
  if (stage.moment !== undefined) return snapshotView(plan, stage.moment);
  const phase = stage.handler === 'prepare' ? 'assertion' : stage.handler;
  const steps = plan.steps.flatMap((step, index) =>
    workPhaseOf(step) === phase ? stepView(step, index + 1) : [],
  );
  return steps.length === 0 ? [] : ['', color.bold(phase.toUpperCase()), ...steps];
}

function snapshotView({ snapshots }: Plan, moment: SnapshotMoment): readonly string[] {
  const wanted = moment === 'before-expand' ? snapshots.beforeExpand : snapshots.beforeContract;
  return wanted === 'none' ? [] : ['', color.green('snapshot')];
}

function gateView(plan: Plan, name: GateName): readonly string[] {
  const gate = plan.gates[name];
  const stop = (what: string) => [
    '',
    color.yellow(`gate ${name}: ${what}`),
    ...('oldApplication' in gate ? guardView(gate.oldApplication) : []),
  ];
  switch (gate.kind) {
    case 'signal':
      return stop(`waits until the deployment of ${gate.signals.join(' and ')} is signalled`);
    case 'approval':
      return stop(
        `waits for ${gate.approvals === 1 ? 'an approval' : `${gate.approvals} approvals`}`,
      );
    case 'timer':
      return stop(`opens after ${duration(gate.durationMs)}`);
    case 'none':
      return [];
  }
}

/** Who has to be gone before the work behind the gate begins. */
function guardView(old: OldApplication | undefined): readonly string[] {
  if (old === undefined) return [];
  const { applicationNames, roles, timeoutMs } = old;
  const who = [...applicationNames, ...roles.map((role) => `role ${role}`)].join(', ');
  return [
    color.yellow(`  then waits until ${who} is disconnected, ${duration(timeoutMs)} at most`),
  ];
}

function summary(plan: Plan): readonly string[] {
  const snapshots = [
    plan.snapshots.beforeExpand === 'required' ? 'before expand' : undefined,
    plan.snapshots.beforeContract === 'required' ? 'before contract' : undefined,
  ].filter((text) => text !== undefined);
  return [`snapshots: ${snapshots.length === 0 ? color.red('none') : snapshots.join(', ')}`];
}
