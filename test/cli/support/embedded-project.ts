import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ExecutionStatus } from '../../../lib/core/executions/execution.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../../lib/local/embedded-aws.ts';
import { jsonOf, run, type Said } from './recording-terminal.ts';
import { type TemporaryProject, temporaryProject } from './temporary-project.ts';

const CONFIGURATION = `version: 1
environments:
  embedded:
    target: {kind: embedded}
    policy: {four_eyes: true}
`;

/** Two columns of one table change, in ways that do not touch each other. */
const nickname = (title: string, column: string) => `version: 1
title: ${title}
expand:
  - id: add_${column}
    sql: alter table people add column ${column} text
    undo: alter table people drop column ${column}
backfill:
  - id: fill_${column}
    table: people
    set: {${column}: lower(name)}
    where: ${column} is null
validate:
  - {id: nothing_left, query: select count(*) from people where ${column} is null, expect: 0}
finalize:
  - id: require_${column}
    sql: alter table people alter column ${column} set default ''
    undo: alter table people alter column ${column} drop default
gates:
  soak: none
`;

/** A project whose embedded AWS runs in this process; what it does is done by the real handlers. */
export interface EmbeddedProject extends TemporaryProject {
  readonly database: pg.Pool;
  /** Ends `lockkeeper dev` in the middle of whatever it does, and starts it again. */
  restart(): Promise<void>;
  /** Runs `lockkeeper` in the project. */
  lockkeeper(...argv: readonly string[]): Promise<Said>;
  /** The same with `--json`, and its value. */
  json<T>(...argv: readonly string[]): Promise<T>;
  /** Waits until an execution does this. */
  until(execution: string, activity: string): Promise<void>;
}

interface Running {
  readonly aws: EmbeddedAws;
  readonly database: pg.Pool;
}

interface StatusValue {
  readonly execution: { readonly status: ExecutionStatus; readonly activity: string };
}

export async function embeddedProject(): Promise<EmbeddedProject> {
  const project = await temporaryProject({
    'lockkeeper.yaml': CONFIGURATION,
    'migrations/0001_add_nickname/migration.yaml': nickname('Add a nickname', 'nickname'),
    'migrations/0002_add_initials/migration.yaml': nickname('Add initials', 'initials'),
  });
  // Waiting states pass twenty times as fast: a snapshot is looked at every 750 ms.
  const start = async () => {
    const stateDirectory = `${project.root}/.lockkeeper`;
    const aws = await startEmbeddedAws({ stateDirectory, waitScale: 0.05 });
    const connectionString = aws.description.databaseUrl;
    return { aws, database: new pg.Pool({ connectionString, max: 2 }) };
  };
  const stop = async ({ aws, database }: Running) => {
    await database.end();
    await aws.close();
  };
  let running = await start();
  const { database } = running;
  await database.query('create table people (id bigint primary key, name text not null)');
  await database.query(`insert into people select i, 'Name ' || i from generate_series(1, 500) i`);

  const lockkeeper = (...argv: readonly string[]) => run(project.root, argv);
  const json = async <T>(...argv: readonly string[]) => {
    const said = await lockkeeper(...argv, '--json');
    return jsonOf<T>(said);
  };
  return {
    ...project,
    get database() {
      return running.database;
    },
    restart: async () => {
      await stop(running);
      running = await start();
    },
    lockkeeper,
    json,
    until: async (execution, activity) => {
      for (;;) {
        const { execution: now } = await json<StatusValue>('status', execution);
        if (now.activity === activity) return;
        if (!['starting', 'running', 'rolling-back'].includes(now.status)) {
          throw new TypeError(`${execution} is ${now.status} instead of doing ${activity}`);
        }
        await sleep(200);
      }
    },
    remove: async () => {
      await stop(running);
      await project.remove();
    },
  };
}
