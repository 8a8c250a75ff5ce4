import type { ExecutionId } from '../../lib/core/ids.ts';
import { readEmbeddedDescription } from '../../lib/local/embedded-description.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import { fingerprint } from '../../lib/postgres/fingerprint.ts';
import type { KillResult } from './kill-run.ts';
import type { Site } from './killable-site.ts';
import { stateDirectoryOf } from './template.ts';
import { testimony } from './witness.ts';

export type Inspection = Pick<
  KillResult,
  'rows' | 'checksum' | 'expectedChecksum' | 'fingerprint' | 'problems'
>;

/**
 * Ends the traffic and looks at everything that the run left behind.
 * @param before fingerprint of the schema when it began
 */
export async function inspect(
  site: Site,
  root: string,
  executionId: ExecutionId,
  before: string,
): Promise<Inspection> {
  // Every application has answered what was due when its traffic ends, so the rows stand still.
  const traffic = await site.traffic.stop();
  const { control, target, workflow } = site.observer;
  const execution = await control.getExecution(executionId);
  const succeeded = execution?.status === 'succeeded';
  const said = await testimony(site.pool, succeeded ? 'new' : 'old');
  const lease = await control.getLease(target.name);
  const invalid = await site.pool.query<{ name: string }>(
    'select indexrelid::regclass::text as name from pg_index where not indisvalid',
  );
  const runs = await Promise.all((execution?.runs ?? []).map(({ run }) => workflow.describe(run)));
  const ledger = await ledgerOf(site, executionId);
  const schema = await schemaOf(root);
  const failure = traffic.failures[0];
  return {
    rows: said.rows,
    checksum: said.checksum,
    expectedChecksum: said.expectedChecksum,
    fingerprint: schema,
    problems: [
      ...(said.checksum === said.expectedChecksum
        ? []
        : [`checksums differ: ${said.difference ?? 'rows are missing'}`]),
      ...(said.movedTwice === 0 ? [] : [`${said.movedTwice} rows were moved twice`]),
      ...(lease === undefined ? [] : [`the lease is still with ${lease.executionId}`]),
      ...invalid.rows.map(({ name }) => `index ${name} is INVALID`),
      ...(succeeded || schema === before ? [] : ['the schema is not what it was']),
      // A run that dies before it prepared anything leaves no record: there is nothing to go back from.
      ...(ledger === (succeeded ? 'applied' : 'rolled-back') || (ledger === undefined && !succeeded)
        ? []
        : [`the ledger says ${ledger}`]),
      ...(runs.some(({ status }) => status === 'RUNNING') ? ['a workflow still runs'] : []),
      ...(failure === undefined
        ? []
        : [`${traffic.failed} requests failed: ${failure.operation}: ${failure.message}`]),
    ],
  };
}

async function ledgerOf({ pool }: Site, executionId: ExecutionId): Promise<string | undefined> {
  const made = await pool.query("select to_regclass('lockkeeper.migrations') is not null as made");
  if (made.rows[0]?.made !== true) return undefined;
  const { rows } = await pool.query<{ status: string }>(
    'select status from lockkeeper.migrations where execution_id = $1',
    [executionId],
  );
  return rows[0]?.status;
}

/** The fingerprint of the target's schema. */
export async function schemaOf(root: string): Promise<string> {
  const { databaseUrl } = await readEmbeddedDescription(stateDirectoryOf(root));
  const database = pgDatabase({ url: databaseUrl, connections: 1 });
  try {
    return await fingerprint(database);
  } finally {
    await database.close();
  }
}
