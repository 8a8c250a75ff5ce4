import { durationMs, type EpochMs } from '../core/ids.ts';
import type { StepProgress } from '../ports/control-store.ts';
import type { EngineContext } from './context.ts';

/** Progress is for people: more often than this only costs writes. */
const REPORT_EVERY_MS = durationMs(1_000);

/** Keeps the latest figures of each step of a phase and writes them, at most about once a second. */
export class ProgressReport {
  readonly #context: EngineContext;
  readonly #steps = new Map<string, StepProgress>();
  #writtenAt: EpochMs | undefined;

  private constructor(context: EngineContext, known: readonly StepProgress[]) {
    this.#context = context;
    for (const step of known) this.#steps.set(step.stepId, step);
  }

  static async load(context: EngineContext): Promise<ProgressReport> {
    return new ProgressReport(context, await context.control.getProgress(context.executionId));
  }

  /** The latest figures of a step, also those of a call before; undefined when there are none. */
  last(stepId: string): StepProgress | undefined {
    return this.#steps.get(stepId);
  }

  /** @param now forces the write, for changes of state */
  async update(step: StepProgress, now = false): Promise<void> {
    const before = this.#steps.get(step.stepId);
    this.#steps.set(step.stepId, {
      // What a backfill moved stays known when it is undone.
      ...(before?.rowsDone !== undefined && { rowsDone: before.rowsDone }),
      ...(before?.rowsMoved !== undefined && { rowsMoved: before.rowsMoved }),
      ...step,
      startedAt: before?.startedAt ?? step.startedAt,
    });
    const at = this.#context.clock.now();
    const due = this.#writtenAt === undefined || at - this.#writtenAt >= REPORT_EVERY_MS;
    if (now || due) await this.flush();
  }

  async flush(): Promise<void> {
    this.#writtenAt = this.#context.clock.now();
    await this.#context.control.putProgress(this.#context.executionId, [...this.#steps.values()]);
  }
}
