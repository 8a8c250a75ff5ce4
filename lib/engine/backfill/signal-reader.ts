import { addCommit, type CommitTimes, commitLatency } from '../../core/backfill/commit-latency.ts';
import type { SignalName, SignalReading, SignalValue } from '../../core/backfill/signals.ts';
import { isLockkeeperError } from '../../core/errors.ts';
import type { EpochMs } from '../../core/ids.ts';
import { DatabaseError } from '../../ports/database.ts';
import { tagOf } from '../../postgres/backfill/batch-statement.ts';
import { beatPulse } from '../../postgres/backfill/pulse.ts';
import { readTableLoad, type TableLoad } from '../../postgres/backfill/table-load.ts';
import type { OpenSlice } from './open-slice.ts';

/** A burst shorter than this is no rate. */
const SHORTEST_WAL_MS = 200;
/** CloudWatch has one figure a minute. */
const HOST_EVERY_MS = 60_000;
/** What could not be read holds the backfill, so it is asked again soon. */
const HOST_AGAIN_MS = 10_000;

type HostSignals = Readonly<Record<Extract<SignalName, 'cpu' | 'cpuCredits' | 'acu'>, SignalValue>>;

const NO_HOST: HostSignals = { cpu: 'absent', cpuCredits: 'absent', acu: 'absent' };
const BLIND_HOST: HostSignals = { cpu: 'unreadable', cpuCredits: 'pending', acu: 'pending' };

/** What one look at the target found. */
export interface Look {
  readonly at: EpochMs;
  readonly signals: SignalReading;
  readonly load: TableLoad;
}

/** Reads every signal, and remembers what rates and medians are made of. */
export class SignalReader {
  readonly #slice: OpenSlice;
  #walFrom:
    | { readonly at: EpochMs; readonly bytes: number; readonly rate: SignalValue }
    | undefined;
  #commits: CommitTimes = [];
  #host: { readonly at: EpochMs; readonly signals: HostSignals } | undefined;

  constructor(slice: OpenSlice) {
    this.#slice = slice;
  }

  /** @returns undefined when the target could not be read */
  async read(): Promise<Look | undefined> {
    const { context, step, sources } = this.#slice;
    const tag = tagOf({ fence: context.fence, stepId: step.stepId });
    const host = await this.#readHost();
    // At once, so that a look is one way to the server and back.
    const [load, commitLatency] = await Promise.all([
      unlessFailed(readTableLoad(context.database, step.table, tag, sources)),
      this.#beat(tag),
    ]);
    if (load === undefined) return undefined;
    const at = context.clock.now();
    const wal = this.#walRate(at, load);
    return { at, load, signals: { ...load.signals, ...host, wal, commitLatency } };
  }

  /** MB a second since the last reading; readings in the same moment tell nothing new. */
  #walRate(now: EpochMs, { walBytes }: TableLoad): SignalValue {
    if (walBytes === undefined) return 'absent';
    const from = this.#walFrom;
    const ms = from === undefined ? 0 : now - from.at;
    if (from !== undefined && ms < SHORTEST_WAL_MS) return from.rate;
    const rate = from === undefined ? 'pending' : (walBytes - from.bytes) / ms / 1_000;
    this.#walFrom = { at: now, bytes: walBytes, rate };
    return rate;
  }

  /** Beside a batch, so that it waits for what others wait for meanwhile. */
  async #beat(tag: string): Promise<SignalValue> {
    const { context, hopMs } = this.#slice;
    const from = context.clock.now();
    const written = await unlessFailed(beatPulse(context.database, context.fence, tag));
    if (written === undefined) return 'unreadable';
    if (written) this.#commits = addCommit(this.#commits, context.clock.now() - from - hopMs);
    return commitLatency(this.#commits);
  }

  async #readHost(): Promise<HostSignals> {
    const { host, clock } = this.#slice.context;
    if (host === undefined) return NO_HOST;
    const age = this.#host === undefined ? undefined : clock.now() - this.#host.at;
    const patience = this.#host?.signals === BLIND_HOST ? HOST_AGAIN_MS : HOST_EVERY_MS;
    if (this.#host !== undefined && age !== undefined && age < patience) return this.#host.signals;
    try {
      const { cpuPercent, cpuCredits, acuPercent } = await host.read();
      const signals = {
        cpu: cpuPercent,
        cpuCredits: cpuCredits ?? 'absent',
        acu: acuPercent ?? 'absent',
      } as const;
      this.#host = { at: clock.now(), signals };
    } catch (error) {
      if (!isLockkeeperError(error)) throw error;
      this.#host = { at: clock.now(), signals: BLIND_HOST };
    }
    return this.#host.signals;
  }
}

/** Undefined when the database failed; what it is used for has an answer for that. */
export async function unlessFailed<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  }
}
