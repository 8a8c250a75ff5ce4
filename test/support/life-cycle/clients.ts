import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

/** Between two rounds: a busy application, and not so many rows that comparing them takes long. */
const PAUSE_MS = 5;
/** In one phase; on a slow machine a phase lasts long, and every row is compared. */
const MOST_ROUNDS = 8;

/**
 * One write of a client. `:n` stands for a number that no other round has, so that two rounds never
 * touch the same row unless they mean to.
 */
export interface Write {
  /** As the client sends it. */
  readonly sql: string;
  /** The same in the words of the other version. @default the same SQL */
  readonly other?: string;
}

export interface Traffic {
  /** What the application before the migration writes. */
  readonly old: readonly Write[];
  /** What the application after it writes. */
  readonly new: readonly Write[];
}

export type Side = keyof Traffic;

/** A write that went through, so that it can be repeated elsewhere in the words of either version. */
export interface Done {
  readonly side: Side;
  readonly write: Write;
  readonly n: number;
}

/** Both versions of an application, writing one after the other on connections of their own. */
export class Clients {
  #traffic: Traffic;
  readonly #connections: Readonly<Record<Side, pg.PoolClient>>;
  readonly #done: Done[] = [];
  #round: number;

  private constructor(
    traffic: Traffic,
    connections: Readonly<Record<Side, pg.PoolClient>>,
    firstRound: number,
  ) {
    this.#traffic = traffic;
    this.#connections = connections;
    this.#round = firstRound;
  }

  /** @param firstRound numbers of the rounds come after it */
  static async connect(pool: pg.Pool, traffic: Traffic, firstRound: number): Promise<Clients> {
    const connections = { old: await pool.connect(), new: await pool.connect() };
    return new Clients(traffic, connections, firstRound);
  }

  /** Where the new application finds its tables: a schema of views, or what is there. */
  async useVersion(schema: string | undefined): Promise<void> {
    const path = schema === undefined ? 'public' : `"${schema.replaceAll('"', '""')}", public`;
    await this.#connections.new.query(`set search_path to ${path}`);
  }

  /** What the new application writes from now on. */
  learn(writes: readonly Write[]): void {
    this.#traffic = { ...this.#traffic, new: writes };
  }

  get lastRound(): number {
    return this.#round;
  }

  /** Every write of these versions once. */
  async round(sides: readonly Side[]): Promise<void> {
    this.#round += 1;
    for (const side of sides) {
      for (const write of this.#traffic[side]) {
        const n = this.#round;
        await this.#connections[side].query(numbered(write.sql, n)).catch((cause: unknown) => {
          throw new Error(`the ${side} client could not write: ${String(cause)}: ${write.sql}`);
        });
        this.#done.push({ side, write, n });
      }
    }
  }

  /** Writes round after round until the work is over, one round at least. */
  async during<T>(sides: readonly Side[], work: () => Promise<T>): Promise<T> {
    if (sides.every((side) => this.#traffic[side].length === 0)) return work();
    const state = { working: true };
    const working = work().finally(() => {
      state.working = false;
    });
    const writing = (async () => {
      for (let rounds = 0; rounds === 0 || state.working; rounds += 1) {
        if (rounds < MOST_ROUNDS) await this.round(sides);
        await sleep(PAUSE_MS);
      }
    })();
    const [result] = await Promise.all([working, writing]);
    return result;
  }

  /** What was written since the last time. */
  take(): readonly Done[] {
    return this.#done.splice(0);
  }

  async close(): Promise<void> {
    for (const client of Object.values(this.#connections)) {
      // The next application on this connection finds nothing of this one.
      const usable = await client.query('discard all').then(
        () => true,
        () => false,
      );
      client.release(!usable);
    }
  }
}

/** Repeats writes on another database, in the words of one version. */
export async function repeat(
  client: pg.ClientBase,
  writes: readonly Done[],
  side: Side,
): Promise<void> {
  const statements = writes.map(({ side: writer, write: { sql, other = sql }, n }) =>
    numbered(writer === side ? sql : other, n),
  );
  // Nobody else is there, so they may as well commit together.
  const together = await client.query(statements.join(';\n')).then(
    () => true,
    () => false,
  );
  if (together) return;
  for (const statement of statements) {
    await client.query(statement).catch((cause: unknown) => {
      throw new Error(`the reference could not repeat: ${String(cause)}: ${statement}`);
    });
  }
}

const numbered = (sql: string, n: number) => sql.replaceAll(/:n\b/g, String(n));
