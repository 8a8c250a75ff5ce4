import type pg from 'pg';
import type { Plan } from '../../../lib/core/plan/plan.ts';
import type { Outcome } from '../../../lib/core/workflow/outcome.ts';
import { finalize } from '../../../lib/engine/finalize.ts';
import { finish } from '../../../lib/engine/finish.ts';
import { type PrepareContext, prepare } from '../../../lib/engine/prepare.ts';
import { rollBack } from '../../../lib/engine/roll-back.ts';
import { runPhase } from '../../../lib/engine/run-phase.ts';
import type { WorkPhase } from '../../../lib/engine/work-phase.ts';
import type { ControlStore } from '../../../lib/ports/control-store.ts';
import type { Database } from '../../../lib/ports/database.ts';
import { type ExampleMigration, startedExecution } from '../engine-scene.ts';
import { Clients, type Done, repeat, type Side, type Traffic } from './clients.ts';
import { type Death, dying, untilOver } from './deaths.ts';
import {
  existingTables,
  type MeasuredLock,
  measuringLocks,
  type Unannounced,
  unannounced,
} from './measured-locks.ts';
import { differences, type PictureOptions, pictureOf } from './picture.ts';
import type { Place } from './place.ts';

export interface LifeCycle {
  readonly control: ControlStore;
  readonly migration: ExampleMigration;
  readonly target: Place;
  /** As the target is at the start; it repeats all writes in the words of the old version. */
  readonly reference: Place;
  readonly traffic: Traffic;
  /** Numbers of the rounds come after it. @default 1000 */
  readonly firstRound?: number;
  /** What the new application writes, found out once expand made it possible. @default - as in `traffic` */
  readonly discover?: () => Promise<Traffic['new']>;
  /** Where the new application finds its tables. @default - the schema of the tables */
  readonly versionSchema?: string | undefined;
  /**
   * From when on the new application can write. A change under the same name is visible to it from
   * contract on only, unless it has a version schema of its own.
   */
  readonly newFrom: 'expand' | 'contract';
  /** What would have made the same change, all at once; undefined: it is not compared. */
  readonly plain?: string | undefined;
  /**
   * When the reference gets the plain SQL: before the writes of the last life, which then are in the
   * words of the new version, or behind them. @default 'before'
   */
  readonly plainIs?: 'before' | 'behind';
  /** The engine dies at each of these transactions, counted from 1, and begins anew. @default never */
  readonly dies?: readonly Death[];
  /** What of the target is not compared. */
  readonly picture?: PictureOptions;
}

export interface LifeCycleReport {
  readonly plan: Plan | undefined;
  /** Empty when every invariant held. */
  readonly problems: readonly string[];
  readonly locks: readonly MeasuredLock[];
  readonly unannounced: readonly Unannounced[];
  readonly lastRound: number;
  /** Whether it is applied, whatever else is wrong. */
  readonly applied: boolean;
}

const FIRST_ROUND = 1_000;
const FORWARD: readonly WorkPhase[] = ['expand', 'backfill', 'validate', 'contract'];

/**
 * The whole life of a migration, with both versions of the application writing throughout: expand
 * and back; expand to contract and back; expand to the end. After each way back schema and rows are
 * what they were at the start, with the writes in the old form; at the end they are what the plain
 * SQL would have made.
 */
export async function runLifeCycle(cycle: LifeCycle): Promise<LifeCycleReport> {
  const run = await Run.open(cycle);
  try {
    await run.all();
  } catch (error) {
    run.problems.push(error instanceof Error ? error.message : String(error));
    await run.giveBack().catch((cause: unknown) => run.problems.push(String(cause)));
  } finally {
    await run.close();
  }
  return run.report();
}

class Stopped extends Error {}

class Run {
  readonly problems: string[] = [];
  readonly #cycle: LifeCycle;
  readonly #database: Database;
  readonly #locks: MeasuredLock[] = [];
  readonly #clients: Clients;
  readonly #reference: pg.PoolClient;
  readonly #existing: ReadonlySet<string>;
  #plan: Plan | undefined;
  #versionIsThere = false;
  #applied = false;
  /** The execution that has not ended. */
  #open: PrepareContext | undefined;

  private constructor(
    cycle: LifeCycle,
    parts: {
      database: Database;
      locks: MeasuredLock[];
      clients: Clients;
      reference: pg.PoolClient;
      existing: ReadonlySet<string>;
    },
  ) {
    this.#cycle = cycle;
    this.#database = parts.database;
    this.#locks = parts.locks;
    this.#clients = parts.clients;
    this.#reference = parts.reference;
    this.#existing = parts.existing;
  }

  static async open(cycle: LifeCycle): Promise<Run> {
    const locks: MeasuredLock[] = [];
    const database = measuringLocks(dying(cycle.target.database, cycle.dies ?? []), locks);
    const clients = await Clients.connect(
      cycle.target.pool,
      cycle.traffic,
      cycle.firstRound ?? FIRST_ROUND,
    );
    const reference = await cycle.reference.pool.connect();
    const existing = await existingTables(database);
    return new Run(cycle, { database, locks, clients, reference, existing });
  }

  async all(): Promise<void> {
    await this.#clients.round(['old']);
    await this.#thereAndBack(['expand']);
    await this.#thereAndBack(FORWARD);
    await this.#toTheEnd();
  }

  report(): LifeCycleReport {
    return {
      plan: this.#plan,
      problems: this.problems,
      locks: this.#locks,
      lastRound: this.#clients.lastRound,
      applied: this.#applied,
      unannounced:
        this.#plan === undefined ? [] : unannounced(this.#plan, this.#locks, this.#existing),
    };
  }

  async #finish(context: PrepareContext, result: 'rolled-back' | 'succeeded'): Promise<void> {
    await finish(context, result);
    this.#open = undefined;
  }

  /** Whatever went wrong, the target is given back. */
  async giveBack(): Promise<void> {
    if (this.#open === undefined) return;
    const outcome = await rollBack(this.#open);
    await finish(this.#open, outcome.kind === 'done' ? 'rolled-back' : 'rollback-failed');
  }

  async close(): Promise<void> {
    await this.#clients.close();
    this.#reference.release();
  }

  async #thereAndBack(phases: readonly WorkPhase[]): Promise<void> {
    const context = await this.#prepared();
    for (const phase of phases) await this.#phase(context, phase);
    const where = phases.at(-1) ?? '';
    this.#expectDone(`the way back from ${where}`, await untilOver(() => rollBack(context)));
    this.#versionIsThere = false;
    await this.#finish(context, 'rolled-back');
    await this.#clients.round(['old']);
    await this.#compare(`after the way back from ${where}`);
  }

  async #toTheEnd(): Promise<void> {
    // From here on the reference is what the plain SQL makes of it, and so are the writes.
    const before = this.#clients.take();
    await repeat(this.#reference, before, 'old');
    const context = await this.#prepared();
    for (const phase of FORWARD) await this.#phase(context, phase);
    const outcome = await this.#clients.during(['new'], () => untilOver(() => finalize(context)));
    this.#expectDone('finalize', outcome);
    await this.#finish(context, 'succeeded');
    this.#applied = true;
    await this.#clients.round(['new']);
    const { plain, plainIs = 'before' } = this.#cycle;
    if (plain === undefined) return;
    if (plainIs === 'behind') await repeat(this.#reference, this.#clients.take(), 'old');
    await this.#reference.query(plain).catch((cause: unknown) => {
      throw new Error(`the plain SQL does not run: ${String(cause)}`);
    });
    await this.#compare('after finalize', 'new');
  }

  async #prepared(): Promise<PrepareContext> {
    const { control, migration, target } = this.#cycle;
    const context = await startedExecution(control, migration, this.#database, {
      target: target.url,
    });
    const prepared = await untilOver(() => prepare(context));
    if (prepared.kind !== 'done') await finish(context, 'rejected');
    this.#expectDone('prepare', prepared);
    this.#open = context;
    this.#plan ??= (await control.getPlan(context.executionId))?.plan;
    return context;
  }

  async #phase(context: PrepareContext, phase: WorkPhase): Promise<void> {
    const outcome = await this.#clients.during(this.#writers(phase), () =>
      untilOver(() => runPhase(context, phase)),
    );
    this.#expectDone(phase, outcome);
    if (phase === 'expand') await this.#meetVersion();
    await this.#clients.round(this.#writersAfter(phase));
  }

  async #meetVersion(): Promise<void> {
    if (this.#cycle.versionSchema === undefined || this.#versionIsThere) return;
    await this.#clients.useVersion(this.#cycle.versionSchema);
    const { discover } = this.#cycle;
    if (discover !== undefined) this.#clients.learn(await discover());
    this.#versionIsThere = true;
  }

  /** The old application is gone when contract begins; the new one comes when expand is over. */
  #writers(phase: WorkPhase): readonly Side[] {
    const both = this.#cycle.newFrom === 'expand';
    switch (phase) {
      case 'expand':
        return ['old'];
      case 'contract':
        return both ? ['new'] : [];
      default:
        return both ? ['old', 'new'] : ['old'];
    }
  }

  #writersAfter(phase: WorkPhase): readonly Side[] {
    if (phase === 'contract') return ['new'];
    return this.#cycle.newFrom === 'expand' ? ['old', 'new'] : ['old'];
  }

  async #compare(when: string, side: Side = 'old'): Promise<void> {
    const writes: readonly Done[] = this.#clients.take();
    await repeat(this.#reference, writes, side);
    const { picture = {}, reference, target } = this.#cycle;
    const without = [...(picture.without ?? []), ...this.#versions()];
    const expected = await pictureOf(reference, picture);
    const found = await pictureOf(target, { ...picture, without });
    const remains = side === 'old' ? picture.remains : undefined;
    const different = differences(expected, found).filter(
      (line) => remains === undefined || !line.slice('+ '.length).startsWith(remains),
    );
    if (different.length === 0) return;
    throw new Stopped(`${when}:\n${different.slice(0, 20).join('\n')}`);
  }

  #versions(): readonly string[] {
    const { versionSchema } = this.#cycle;
    return versionSchema === undefined || !this.#versionIsThere ? [] : [versionSchema];
  }

  #expectDone(what: string, outcome: Outcome): void {
    if (outcome.kind === 'done') return;
    const reason = 'reason' in outcome ? outcome.reason : '';
    throw new Stopped(`${what} ended with ${outcome.kind}: ${reason}`);
  }
}
