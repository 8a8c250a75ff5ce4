import { describeTuning, type Tuning, tuningProblems } from '../core/backfill/tuning.ts';
import { LockkeeperError } from '../core/errors.ts';
import { type EngineContext, journal } from './context.ts';
import type { GateAnswer } from './decide-gate.ts';

/** What somebody says about how an execution goes on, other than at a gate. */
export type PaceCommand = { readonly by: string; readonly reason: string } & (
  | { readonly kind: 'pause' | 'unpause' | 'accept-quarantine' }
  | { readonly kind: 'tune'; readonly tuning: Tuning }
);

/** Keeps it where the runner looks before each batch. @throws LockkeeperError NotAllowed */
export async function changePace(
  context: EngineContext,
  command: PaceCommand,
): Promise<GateAnswer> {
  const { by, reason } = command;
  switch (command.kind) {
    case 'pause':
    case 'unpause': {
      const paused = command.kind === 'pause';
      await context.control.setPaused(context.executionId, paused);
      await journal(context, paused ? 'Paused' : 'Resumed', { by, reason });
      return answer(paused ? 'it pauses before its next step or batch' : 'it goes on');
    }
    case 'tune':
      return await tune(context, command.tuning, { by, reason });
    case 'accept-quarantine': {
      const at = context.clock.now();
      await context.control.acceptQuarantine(context.executionId, { by, reason, at });
      await journal(context, 'QuarantineAccepted', { by, reason });
      return answer('contract leaves rows behind that are in quarantine now');
    }
  }
}

async function tune(
  context: EngineContext,
  tuning: Tuning,
  who: { readonly by: string; readonly reason: string },
): Promise<GateAnswer> {
  const problems = [...tuningProblems(tuning), ...(await tooManyWorkers(context, tuning))];
  if (problems.length > 0) throw new LockkeeperError('NotAllowed', problems.join('; '));
  await context.control.putTuning(context.executionId, tuning);
  const now = describeTuning(tuning);
  await journal(context, 'Tuned', { ...who, facts: { tuning: now } });
  return answer(`from the next batch on: ${now}`);
}

/** More than planned would have nothing to do: the table is cut when its backfill begins. */
async function tooManyWorkers(
  { control, executionId }: EngineContext,
  { workers = 1 }: Tuning,
): Promise<readonly string[]> {
  const steps = workers === 1 ? [] : ((await control.getPlan(executionId))?.plan.steps ?? []);
  const planned = steps.map((step) => (step.kind === 'backfill' ? (step.pacing.workers ?? 1) : 1));
  const most = Math.max(1, ...planned);
  return workers > most ? [`workers is at most ${most}, as planned, got ${workers}`] : [];
}

function answer(message: string): GateAnswer {
  return { message, woken: false };
}
