import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import pc from 'picocolors';
import { connect } from '../cli/connect.ts';
import type { Connection } from '../cli/connection.ts';
import type { Output } from '../cli/output.ts';
import { LockkeeperError } from '../core/errors.ts';
import type { ExecutionId } from '../core/ids.ts';
import { startEmbeddedAws } from '../local/embedded-aws.ts';
import { fingerprint } from '../postgres/fingerprint.ts';
import type { DemoFacts } from './demo-facts.ts';
import { DEMO_MIGRATIONS, type DemoProject, makeDemoProject } from './demo-project.ts';
import { driveMigration } from './drive-migration.ts';
import { driveRestore, markRows } from './drive-restore.ts';
import { reportOf } from './report.ts';
import { DEMO_SIZE, loadSaas, type SaasSize } from './saas/load-saas.ts';
import { startTraffic, type Traffic } from './traffic/start-traffic.ts';

export interface DemoOptions {
  /** Rows of the largest table. @default 1,000,000 */
  readonly rows?: number;
  /** Whether the data stays when it is over. */
  readonly keep: boolean;
}

export interface DemoOutcome {
  readonly text: string;
  readonly value: unknown;
  /** Whether every claim held. */
  readonly held: boolean;
}

/** Requests a second of both versions together; two cores are half busy with it. */
const TRAFFIC = { ratePerSecond: 100, clients: 8, seed: 2026 } as const;
const QUIET_PHASE = 'before';
const QUIET_MS = 5_000;

/** A small database server's memory, so that a million rows fit; durability stays as it is. */
const SERVER_SETTINGS = { shared_buffers: '256MB', max_wal_size: '2GB', work_mem: '32MB' } as const;

/**
 * The story of the README on this machine: load a SaaS database, put two versions of its
 * application to work, add billing, let a second migration fail, restore a snapshot.
 */
export async function runDemo(options: DemoOptions, output: Output): Promise<DemoOutcome> {
  const started = Date.now();
  const size = sizeOf(options.rows);
  const demo = await makeDemoProject();
  try {
    output.progress(`a project of its own in ${demo.project.root}`);
    const aws = await startEmbeddedAws({
      stateDirectory: demo.stateDirectory,
      serverSettings: SERVER_SETTINGS,
    });
    try {
      output.progress(`the embedded AWS is up after ${seconds(started)}`);
      const facts = await tell(demo, aws.description.databaseUrl, size, started, output);
      const { text, claims } = reportOf(facts, { color: pc.isColorSupported });
      return { text, value: { facts, claims }, held: claims.every(({ held }) => held) };
    } finally {
      await aws.close();
    }
  } finally {
    if (options.keep) output.progress(`kept: ${demo.project.root}`);
    else await demo.remove();
  }
}

async function tell(
  { project }: DemoProject,
  databaseUrl: string,
  size: SaasSize,
  started: number,
  output: Output,
): Promise<DemoFacts> {
  const loadMs = await load(databaseUrl, size, output);
  const as = (name: string) => connect(project, { as: name }, output);
  const pipeline = await as('deploy-pipeline');
  const operator = await as('olivia');
  const database = pipeline.connectDatabase(pipeline.target.clusterArn);
  const traffic = await startTraffic({
    ...TRAFFIC,
    connectionString: databaseUrl,
    versions: { old: 1, new: 0 },
    firstPhase: QUIET_PHASE,
  });
  let stopped = false;
  try {
    output.progress('the old version of the application answers; nothing else runs');
    await sleep(QUIET_MS);
    const common = {
      connection: pipeline,
      project,
      fingerprint: () => fingerprint(database),
      onActivity: (activity: string) => turn(traffic, activity, output),
    };
    const billing = await driveMigration({
      ...common,
      migrationId: DEMO_MIGRATIONS[0],
      expected: 'succeeded',
      onGate: (gate, { executionId }) =>
        gate === 'deploy'
          ? deploy(pipeline, traffic, executionId, output)
          : retireAndApprove(operator, traffic, executionId, output),
    });
    if (billing.facts.result !== 'succeeded') {
      throw new LockkeeperError(
        'EmbeddedRuntime',
        `${billing.facts.migrationId} ${billing.facts.result}: ${billing.facts.reason ?? 'no reason'}`,
      );
    }
    const schemaBefore = await fingerprint(database);
    const rows = await markRows(database);
    const currency = await driveMigration({
      ...common,
      migrationId: DEMO_MIGRATIONS[1],
      expected: 'rolled-back',
      onGate: async () => undefined,
    });
    await traffic.mark('restore');
    const restored = await driveRestore(
      operator,
      currency.execution.executionId,
      { fingerprint: schemaBefore, rows },
      output,
    );
    stopped = true;
    const report = await traffic.stop();
    return {
      size,
      loadMs,
      totalMs: Date.now() - started,
      migrations: [billing.facts, currency.facts],
      traffic: report,
      quietPhase: QUIET_PHASE,
      restore: restored,
    };
  } finally {
    if (!stopped) await traffic.stop().catch(() => undefined);
    await database.close();
    await pipeline.close();
    await operator.close();
  }
}

/** The largest table has the asked for rows; the others keep their proportion. */
function sizeOf(rows: number | undefined): SaasSize {
  if (rows === undefined) return DEMO_SIZE;
  const share = rows / DEMO_SIZE.invoices;
  const accounts = Math.max(100, Math.round(DEMO_SIZE.accounts * share));
  return { ...DEMO_SIZE, accounts, users: accounts * 3, invoices: rows };
}

async function load(url: string, size: SaasSize, output: Output): Promise<number> {
  const started = Date.now();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    await loadSaas(pool, {
      ...size,
      onProgress: ({ step, rows, totalRows }) =>
        output.live(`loading ${step}: ${Math.round((rows / totalRows) * 100)}%`),
    });
  } finally {
    await pool.end();
  }
  output.progress(
    `loaded ${size.invoices.toLocaleString('en-US')} invoices in ${seconds(started)}`,
  );
  return Date.now() - started;
}

async function turn(traffic: Traffic, activity: string, output: Output): Promise<void> {
  output.progress(activity);
  await traffic.mark(activity);
}

/** What a deployment pipeline does: roll the new version out beside the old one, then say so. */
async function deploy(
  pipeline: Connection,
  traffic: Traffic,
  executionId: ExecutionId,
  output: Output,
): Promise<void> {
  await traffic.setShare('new', 1);
  output.progress('the pipeline rolled the new version out beside the old one and signals it');
  await insist(
    pipeline.decide({
      kind: 'signal',
      executionId,
      signalId: 'demo-deployment-1',
      name: 'billing-app',
      version: '2.0.0',
    }),
  );
}

/** What an operator does: see that nobody uses the old version, then let its structures go. */
async function retireAndApprove(
  operator: Connection,
  traffic: Traffic,
  executionId: ExecutionId,
  output: Output,
): Promise<void> {
  await traffic.setShare('old', 0);
  output.progress('the old version is gone; the operator looks at the plan and approves contract');
  const plan = await operator.control.getPlan(executionId);
  await insist(
    operator.decide({
      kind: 'approve',
      executionId,
      gate: 'contract',
      reason: 'the old version has served no request since it was switched off',
      planHash: plan?.hash,
    }),
  );
}

async function insist(reply: ReturnType<Connection['decide']>): Promise<void> {
  const answer = await reply;
  if (!answer.ok) throw new LockkeeperError('EmbeddedRuntime', `${answer.code}: ${answer.message}`);
}

const seconds = (since: number) => `${((Date.now() - since) / 1_000).toFixed(1)} s`;
