import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoDbControlStore } from '../../lib/aws/control-store/dynamodb-control-store.ts';
import { BY_TIME_INDEX } from '../../lib/aws/control-store/keys.ts';
import { localTokenCipher } from '../../lib/aws/control-store/local-token-cipher.ts';
import type { Execution } from '../../lib/core/executions/execution.ts';
import { durationMs, type ExecutionId, epochMs, type MigrationId } from '../../lib/core/ids.ts';
import type { Migration } from '../../lib/core/migration/migration.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { renderProblems } from '../../lib/core/migration/render-problems.ts';
import type { SqlParser } from '../../lib/core/sql/parser.ts';
import { loadParser } from '../../lib/core/sql/parser.ts';
import type { TargetContext } from '../../lib/engine/context.ts';
import type { PrepareContext } from '../../lib/engine/prepare.ts';
import { startDynamoDb } from '../../lib/local/dynamodb/start-dynamodb.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { ControlStore, MigrationSource } from '../../lib/ports/control-store.ts';
import type { Database } from '../../lib/ports/database.ts';
import type { IdentityVerifier } from '../../lib/ports/identity.ts';
import { hastyClock } from './clocks.ts';

export interface ControlScene {
  readonly control: ControlStore;
  close(): Promise<void>;
}

/** The real control store over an embedded DynamoDB in memory. */
export async function controlScene(): Promise<ControlScene> {
  const dynamo = await startDynamoDb({
    tables: [
      {
        TableName: 'control',
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        AttributeDefinitions: ['pk', 'sk', BY_TIME_INDEX.pk, BY_TIME_INDEX.sk].map(
          (AttributeName) => ({ AttributeName, AttributeType: 'S' as const }),
        ),
        GlobalSecondaryIndexes: [
          {
            IndexName: BY_TIME_INDEX.name,
            KeySchema: [
              { AttributeName: BY_TIME_INDEX.pk, KeyType: 'HASH' },
              { AttributeName: BY_TIME_INDEX.sk, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'ALL' },
          },
        ],
      },
    ],
  });
  const client = new DynamoDBClient({
    endpoint: dynamo.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const control = dynamoDbControlStore({
    client,
    tableName: 'control',
    cipher: localTokenCipher(Buffer.alloc(32, 7)),
  });
  return {
    control,
    close: async () => {
      client.destroy();
      await dynamo.close();
    },
  };
}

export interface ExampleMigration {
  readonly migration: Migration;
  readonly source: MigrationSource;
  readonly parser: SqlParser;
}

/** An example migration, as `start` would hand it over: alone in its project. */
export async function exampleMigration(folder: string): Promise<ExampleMigration> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path).split(sep).join('/')] = await readFile(path, 'utf8');
  }
  return inlineMigration(folder.slice(folder.lastIndexOf(sep) + 1), files);
}

/** A migration written in the test itself. @param files path to content */
export async function inlineMigration(
  id: string,
  files: Readonly<Record<string, string>>,
): Promise<ExampleMigration> {
  const parser = await loadParser();
  const migrationId = id as MigrationId;
  const parsed = parseMigration({ migrationId, files: new Map(Object.entries(files)) }, parser);
  if (parsed.kind === 'invalid') throw new Error(renderProblems(parsed.problems));
  const migration = parsed.value;
  return {
    parser,
    migration,
    source: {
      migrationId,
      files,
      known: [{ migrationId, checksum: migration.checksum }],
      environment: {
        name: 'test',
        policy: { fourEyes: false, allowWithoutSnapshots: true, onDrift: 'refuse' },
        overrides: { gates: {}, snapshots: {}, windows: {} },
      },
    },
  };
}

/** Believes who is named: what STS says is tried where there is one. */
const trusting: IdentityVerifier = {
  identify: async () => ({ kind: 'known', principal: 'tester' }),
};

export interface StartedWith {
  /** @default - one of its own */
  readonly target?: string;
  /** @default hastyClock */
  readonly clock?: Clock;
  /** @default 'refuse' */
  readonly onDrift?: 'refuse' | 'warn';
}

let executions = 0;

/** An execution that was just started, ready for prepare. */
export async function startedExecution(
  control: ControlStore,
  { migration, source, parser }: ExampleMigration,
  database: Database,
  more: StartedWith = {},
): Promise<PrepareContext> {
  executions += 1;
  const suffix = `t${String(executions).padStart(5, '0')}`;
  const execution: Execution = {
    executionId: `${migration.migrationId}-${suffix}` as ExecutionId,
    migrationId: migration.migrationId,
    title: migration.title,
    checksum: migration.checksum,
    environment: 'test',
    target: undefined,
    startedBy: 'tester',
    startedAt: epochMs(Date.now()),
    status: 'starting',
    activity: 'start',
    planHash: undefined,
    runs: [],
    finishedAt: undefined,
    reason: undefined,
  };
  const proof = { authorization: 'of the tester', date: '20261122T120000Z' };
  const { environment } = source;
  const policy = { ...environment.policy, ...(more.onDrift && { onDrift: more.onDrift }) };
  await control.createExecution(execution, {
    ...source,
    environment: { ...environment, policy },
    proof,
  });
  return {
    executionId: execution.executionId,
    migrationId: migration.migrationId,
    execution,
    parser,
    control,
    events: { emit: async () => undefined },
    clock: more.clock ?? hastyClock,
    until: epochMs(Date.now() + durationMs(600_000)),
    database,
    target: more.target ?? `test/${suffix}`,
    identities: trusting,
  };
}

/** The same execution, worked on by another process with its own connection. */
export function continued<Context extends TargetContext>(
  context: Context,
  database: Database,
): Context {
  return { ...context, database };
}
