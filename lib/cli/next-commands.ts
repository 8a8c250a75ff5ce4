import { type Execution, type ExecutionFlags, isFinished } from '../core/executions/execution.ts';
import { type Gate, type Signal, TAKEOVER_GATE } from '../core/gates/gate.ts';
import { missingSignals } from './missing-signals.ts';

/** What decides about the next move. */
export interface Situation {
  readonly execution: Execution;
  readonly flags: ExecutionFlags;
  readonly gates: readonly Gate[];
  readonly signals: readonly Signal[];
  /** Status of the last workflow; undefined when there is none. */
  readonly workflow: string | undefined;
}

/**
 * What a person can do now, as commands that can be pasted.
 * @param addressing put after each command, such as `--env prod`
 */
export function nextCommands(
  situation: Situation,
  addressing: readonly string[] = [],
): readonly string[] {
  const commands = movesOf(situation);
  return commands.map((words) => ['lockkeeper', ...words, ...addressing].join(' '));
}

type Words = readonly string[];

function movesOf(situation: Situation): readonly Words[] {
  const { execution, workflow } = situation;
  const { executionId, status } = execution;
  if (isFinished(status)) {
    if (execution.restore !== undefined) {
      return status === 'succeeded' ? [] : [['restore', execution.restore.of]];
    }
    return status === 'succeeded' ? [] : [['start', execution.migrationId]];
  }
  if (workflow === 'RUNNING') return movesOfRunning(situation);
  switch (status) {
    case 'forward-fix-required':
      return [
        ['resume', executionId],
        ['restore', executionId],
      ];
    case 'rollback-failed':
    case 'rolling-back':
    case 'restored':
      return [['rollback', executionId]];
    case 'restore-failed':
      return [['resume', executionId]];
    default:
      if (execution.restore !== undefined) return [['resume', executionId]];
      return [
        ['resume', executionId],
        ['rollback', executionId],
      ];
  }
}

function movesOfRunning({ execution, flags, gates, signals }: Situation): readonly Words[] {
  const { executionId } = execution;
  const goingBack = flags.abort !== undefined || execution.status === 'rolling-back';
  if (goingBack) return [['watch', executionId]];
  const resume: readonly Words[] = flags.paused ? [['resume', executionId]] : [];
  const open = gates
    .filter((gate) => gate.decision === undefined)
    .flatMap((gate) => openingsOf(gate, signals));
  const moves = [...resume, ...open];
  return moves.length > 0 ? moves : [['watch', executionId]];
}

function openingsOf(gate: Gate, signals: readonly Signal[]): readonly Words[] {
  const { executionId } = gate;
  switch (gate.declared.kind) {
    case 'signal':
      return missingSignals(gate.declared.signals, signals).map((name) => [
        'signal',
        executionId,
        name,
      ]);
    case 'approval':
      if (gate.name === TAKEOVER_GATE) return [['approve', executionId, gate.name]];
      return [
        ['plan', '--execution', executionId],
        ['approve', executionId, gate.name],
      ];
    case 'timer':
      return [];
  }
}
