import { hereContext } from '../cli/commands/restore.ts';
import type { Connection } from '../cli/connection.ts';
import type { Output } from '../cli/output.ts';
import { durationMs, type ExecutionId } from '../core/ids.ts';
import { recordOrder } from '../engine/restore/order-restore.ts';
import { prepareOrder } from '../engine/restore/prepare-order.ts';
import { reportRestore } from '../engine/restore/report.ts';
import { restoreHere } from '../engine/restore/run-here.ts';
import type { Session } from '../ports/database.ts';
import { fingerprint } from '../postgres/fingerprint.ts';
import type { RestoreFacts } from './demo-facts.ts';

/** What the largest table must hold after a restore, whatever the traffic adds meanwhile. */
export interface RowMark {
  readonly highestId: string;
  readonly rows: number;
}

/** Invoices are never deleted, so the rows up to an id that existed before stay the same number. */
export async function markRows(session: Session): Promise<RowMark> {
  const [row] = await session.query(
    'select max(id)::text as highest, count(*)::float8 as rows from invoices',
  );
  return { highestId: String(row?.['highest']), rows: Number(row?.['rows']) };
}

async function rowsUpTo(session: Session, { highestId }: RowMark): Promise<number> {
  const [row] = await session.query(
    'select count(*)::float8 as rows from invoices where id <= :highest::bigint',
    { highest: highestId },
  );
  return Number(row?.['rows']);
}

/** Restores an execution's first snapshot into a new cluster and compares what is in it. */
export async function driveRestore(
  connection: Connection,
  executionId: ExecutionId,
  expected: { readonly fingerprint: string; readonly rows: RowMark },
  output: Output,
): Promise<RestoreFacts> {
  const started = connection.clock.now();
  const prepared = await prepareOrder(connection, {
    of: executionId,
    from: { kind: 'snapshot', moment: 'before-expand' },
    takeOver: false,
  });
  const ordered = await recordOrder(connection, prepared);
  const restored = await restoreHere(hereContext(connection, ordered), {
    report: (text) => output.progress(text),
    pollMs: durationMs(500),
  });
  const connect = (clusterArn: string) => connection.connectDatabase(clusterArn);
  const report = await reportRestore({ ...connection, connect }, restored);
  const durationOfRestore = connection.clock.now() - started;
  const database = connection.connectDatabase(report.restoredClusterArn);
  try {
    return {
      snapshotId: report.snapshotIdentifier ?? '',
      durationMs: durationOfRestore,
      fingerprintExpected: expected.fingerprint,
      fingerprintRestored: await fingerprint(database),
      rowsExpected: expected.rows.rows,
      rowsRestored: await rowsUpTo(database, expected.rows),
    };
  } finally {
    await database.close();
  }
}
