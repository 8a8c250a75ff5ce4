import type { Connection } from '../cli/connection.ts';
import { follow } from '../cli/follow.ts';
import type { Project } from '../cli/project.ts';
import { readMigration } from '../cli/read-migration.ts';
import type { Execution } from '../core/executions/execution.ts';
import type { StopName } from '../core/gates/gate.ts';
import { durationMs } from '../core/ids.ts';
import { startExecution } from '../engine/start-execution.ts';
import type { BackfillFacts, MigrationFacts, MigrationResult } from './demo-facts.ts';

export interface DriveOptions {
  readonly connection: Connection;
  readonly project: Project;
  readonly migrationId: string;
  readonly expected: MigrationResult;
  /** The picture of the schema, whenever it is asked for. */
  readonly fingerprint: () => Promise<string>;
  /** Called once for each gate that waits for somebody. */
  readonly onGate: (gate: StopName, execution: Execution) => Promise<void>;
  /** Called when the execution turns to something else, such as `backfill`. */
  readonly onActivity: (activity: string) => Promise<void>;
}

/** A migration of this size takes a minute; ten minutes without an end is a fault of the demo. */
const PATIENCE_MS = durationMs(600_000);

/** Starts a migration as a pipeline would, answers its gates, and notes what happened when. */
export async function driveMigration(
  options: DriveOptions,
): Promise<{ readonly facts: MigrationFacts; readonly execution: Execution }> {
  const { connection, project, migrationId } = options;
  const { migration, source } = await readMigration(project, connection.environment, migrationId);
  const fingerprintBefore = await options.fingerprint();
  const started = await startExecution(connection, migration, source);

  const turns: { readonly name: string; readonly at: number }[] = [];
  const answered = new Set<StopName>();
  let reactions = Promise.resolve();
  const { facts } = await follow(connection, started.executionId, {
    timeoutMs: PATIENCE_MS,
    lookEveryMs: durationMs(200),
    onLook: ({ execution, gates }, now) => {
      if (turns.at(-1)?.name !== execution.activity) {
        turns.push({ name: execution.activity, at: now });
        reactions = reactions.then(() => options.onActivity(execution.activity));
      }
      for (const gate of gates) {
        const waits = gate.decision === undefined && gate.declared.kind !== 'timer';
        if (!waits || answered.has(gate.name)) continue;
        answered.add(gate.name);
        reactions = reactions.then(() => options.onGate(gate.name, execution));
      }
    },
  });
  await reactions;

  const { execution } = facts;
  const plan = await connection.control.getPlan(execution.executionId);
  const tables = new Map<string, string>(
    plan?.plan.steps.flatMap((step) =>
      step.kind === 'backfill' ? [[step.stepId, step.table.name] as const] : [],
    ),
  );
  return {
    execution,
    facts: {
      migrationId,
      title: migration.title,
      expected: options.expected,
      result: resultOf(execution),
      ...(execution.reason !== undefined && { reason: execution.reason }),
      phases: phasesOf(turns),
      backfills: facts.progress.flatMap((step): readonly BackfillFacts[] =>
        step.kind === 'backfill'
          ? [
              {
                stepId: step.stepId,
                table: tables.get(step.stepId) ?? '',
                rows: step.rowsMoved ?? 0,
                durationMs: step.updatedAt - step.startedAt,
              },
            ]
          : [],
      ),
      fingerprintBefore,
      fingerprintAfter: await options.fingerprint(),
    },
  };
}

function resultOf({ status }: Execution): MigrationResult {
  return status === 'succeeded' || status === 'rolled-back' ? status : 'failed';
}

/** Each turn lasts until the next; the last one is the end itself. */
function phasesOf(turns: readonly { readonly name: string; readonly at: number }[]) {
  return turns.flatMap(({ name, at }, index) => {
    const next = turns[index + 1];
    return next === undefined ? [] : [{ name, durationMs: next.at - at }];
  });
}
