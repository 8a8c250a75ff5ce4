import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import pg from 'pg';
import { connect } from '../../lib/cli/connect.ts';
import type { Connection } from '../../lib/cli/connection.ts';
import { type Followed, follow } from '../../lib/cli/follow.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import { openProject } from '../../lib/cli/project.ts';
import { type ReadMigration, readMigration } from '../../lib/cli/read-migration.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import type { ExecutionStatus } from '../../lib/core/executions/execution.ts';
import { durationMs, type ExecutionId } from '../../lib/core/ids.ts';
import type { GateName } from '../../lib/core/migration/migration.ts';
import { startExecution } from '../../lib/engine/start-execution.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/local/embedded-aws.ts';
import type { Faults } from '../../lib/local/http/faults.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { makeReachable } from '../../lib/local/postgres/data-directory.ts';
import { outliveConnections } from '../../lib/local/postgres/outlive-connections.ts';
import { THROWAWAY_SETTINGS } from '../../lib/local/postgres/server-settings.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import { type Aftermath, aftermathOf } from './aftermath.ts';
import { tableContents } from './table-contents.ts';

/**
 * `embedded` trusts whoever asks, so that tests are short; `strict` is what a team would run.
 * Both are the same target.
 */
const CONFIGURATION = `version: 1
environments:
  embedded:
    target: {kind: embedded}
    policy: {allow_without_snapshots: true}
  strict:
    target: {kind: embedded}
    policy: {four_eyes: true}
`;

/** Waits and retry delays pass fifty times as fast; the 10 s after a killed function take 0.2 s. */
const WAIT_SCALE = 0.02;
const LOOK_EVERY_MS = durationMs(100);
/** The longest that one wait of a test may take, on a machine that is busy with other tests. */
const PATIENCE_MS = 120_000;

// A test takes about ten seconds on two idle cores, and ten times as long when they have much to do.
jest.setTimeout(240_000);

export type EnvironmentName = 'embedded' | 'strict';

/** Schema and rows of the target, without the ledger. */
export interface Picture {
  readonly schema: string;
  readonly contents: Readonly<Record<string, readonly string[]>>;
}

/** A project whose embedded AWS runs in this process; all work is done by the real handlers. */
export interface EmbeddedScene {
  /** What runs now; another one after `reopen`. */
  readonly aws: EmbeddedAws;
  /** Straight to the target, past the Data API; another one after `reopen`. */
  readonly pool: pg.Pool;
  /** Everything a person can reach; made on first use. */
  as(name: string, environment?: EnvironmentName): Promise<Connection>;
  /** Writes a migration into the project. @param files beside migration.yaml */
  write(id: string, yaml: string, files?: Readonly<Record<string, string>>): Promise<void>;
  /** A migration of the project, as it would be handed over. */
  read(id: string): Promise<ReadMigration>;
  /** Hands a migration of the project over, as alice unless somebody else is named. */
  start(id: string, by?: string, environment?: EnvironmentName): Promise<ExecutionId>;
  /** Follows until `done` holds or the execution ends; fails when neither happens in a minute. */
  until(id: ExecutionId, done: (facts: StatusFacts) => boolean): Promise<StatusFacts>;
  /** Follows until nothing happens to it any more. */
  toEnd(id: ExecutionId): Promise<StatusFacts>;
  /** Follows until a gate waits for somebody. */
  atGate(id: ExecutionId, gate: GateName): Promise<StatusFacts>;
  /** What an execution left behind in the control store and in the ledger. */
  aftermath(id: ExecutionId): Promise<Aftermath>;
  picture(): Promise<Picture>;
  /** Tries until a query of the target answers with `true`. */
  untilTrue(sql: string, parameters?: readonly unknown[]): Promise<void>;
  /** Ends the embedded AWS in the middle of whatever it does, databases included. */
  stop(): Promise<void>;
  /** Starts another one on what the first left behind. */
  reopen(): Promise<void>;
  /** An empty project and a target with nothing but the table `people`. */
  reset(people?: number): Promise<void>;
  close(): Promise<void>;
}

export interface EmbeddedSceneOptions {
  /** A PostgreSQL of the test's own instead of the embedded one. */
  readonly databaseUrl?: string;
  /** Asked for each call of each service. @default - nothing goes wrong */
  readonly faults?: Faults;
}

/** One embedded AWS for a test file. */
export async function embeddedScene(options: EmbeddedSceneOptions = {}): Promise<EmbeddedScene> {
  const root = await mkdtemp(join(tmpdir(), 'lockkeeper-scene-'));
  await makeReachable(root);
  await writeFile(join(root, 'lockkeeper.yaml'), CONFIGURATION);
  await mkdir(join(root, 'migrations'));
  const project = await openProject(root);
  const people = new Map<string, Connection>();

  const open = async () => {
    const aws = await startEmbeddedAws({
      stateDirectory: join(root, '.lockkeeper'),
      waitScale: WAIT_SCALE,
      serverSettings: { ...THROWAWAY_SETTINGS, shared_buffers: '32MB' },
      ...(options.databaseUrl !== undefined && { databaseUrl: options.databaseUrl }),
      ...(options.faults !== undefined && { faults: options.faults }),
    });
    const pool = new pg.Pool({ connectionString: aws.description.databaseUrl });
    // A server that is stopped under a test breaks its connections.
    outliveConnections(pool);
    return { aws, pool };
  };
  let running = await open();
  const stop = async () => {
    for (const connection of people.values()) await connection.close();
    people.clear();
    await running.aws.close();
    await running.pool.end();
  };

  const as = async (name: string, environment: EnvironmentName = 'embedded') => {
    const key = `${name}@${environment}`;
    const known = people.get(key);
    if (known !== undefined) return known;
    const made = await connect(project, { as: name, env: environment }, silentOutput);
    people.set(key, made);
    return made;
  };
  const observer = () => as('observer');
  const followed = async (id: ExecutionId, until?: (facts: StatusFacts) => boolean) =>
    inTime(
      await follow(await observer(), id, {
        timeoutMs: durationMs(PATIENCE_MS),
        lookEveryMs: LOOK_EVERY_MS,
        ...(until !== undefined && { until }),
      }),
    );

  return {
    get aws() {
      return running.aws;
    },
    get pool() {
      return running.pool;
    },
    as,
    write: async (id, yaml, files = {}) => {
      for (const [path, text] of Object.entries({ 'migration.yaml': yaml, ...files })) {
        const file = join(root, 'migrations', id, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    },
    read: async (id) => readMigration(project, (await observer()).environment, id),
    start: async (id, by = 'alice', environment = 'embedded') => {
      const connection = await as(by, environment);
      const { migration, source } = await readMigration(project, connection.environment, id);
      return (await startExecution(connection, migration, source)).executionId;
    },
    until: async (id, done) => {
      const { kind, facts } = await followed(id, done);
      if (kind === 'reached') return facts;
      throw new Error(`it ended first: ${told(facts)}`);
    },
    toEnd: async (id) => (await followed(id)).facts,
    atGate: async (id, gate) => {
      const { kind, facts } = await followed(id, ({ gates }) =>
        gates.some(({ name, decision }) => name === gate && decision === undefined),
      );
      if (kind === 'reached') return facts;
      throw new Error(`it ended before gate ${gate}: ${told(facts)}`);
    },
    aftermath: async (id) => aftermathOf(await observer(), running.pool, id),
    picture: async () => {
      const session = pgDatabase({ url: running.aws.description.databaseUrl, connections: 1 });
      try {
        return { schema: await fingerprint(session), contents: await tableContents(running.pool) };
      } finally {
        await session.close();
      }
    },
    untilTrue: async (sql, parameters = []) => {
      for (const giveUpAt = Date.now() + PATIENCE_MS; Date.now() < giveUpAt; await sleep(20)) {
        const { rows } = await running.pool.query({ text: sql, rowMode: 'array' }, [...parameters]);
        if (rows[0]?.[0] === true) return;
      }
      throw new Error(`did not become true: ${sql}`);
    },
    stop,
    reopen: async () => {
      running = await open();
    },
    reset: async (rows = 100) => {
      await rm(join(root, 'migrations'), { recursive: true });
      await mkdir(join(root, 'migrations'));
      const { control, target } = await observer();
      // A test that failed half way must not be in the way of the next one.
      const lease = await control.getLease(target.name);
      if (lease !== undefined) await control.releaseLease(target.name, lease.executionId);
      await running.pool.query(
        `drop schema if exists lockkeeper cascade;
         drop schema public cascade; create schema public;
         create table people (id bigint primary key, name text not null);
         insert into people select i, 'Name ' || i from generate_series(1, ${rows}) i;
         analyze people`,
      );
    },
    close: async () => {
      await stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function inTime(followed: Followed): Followed {
  if (followed.kind === 'ended' || followed.kind === 'reached') return followed;
  throw new Error(`${followed.kind}: ${told(followed.facts)}`);
}

const told = ({ execution }: StatusFacts): string =>
  `${execution.status satisfies ExecutionStatus}, doing ${execution.activity}: ${execution.reason ?? 'no reason'}`;
