import type { RecordedChange } from '../../core/drift/who-changed.ts';
import type { Fingerprint, MigrationId } from '../../core/ids.ts';
import type { Database } from '../../ports/database.ts';
import { fingerprint } from '../../postgres/fingerprint.ts';
import { hasLedger } from '../../postgres/ledger/bootstrap.ts';
import { isRecording, recordedChanges } from '../../postgres/ledger/ddl-log.ts';
import { listMigrations } from '../../postgres/ledger/executions.ts';
import { type ExpectedSchema, expectedSchema } from '../../postgres/ledger/expected-schema.ts';
import { compareWithPicture, type PictureComparison } from '../../postgres/ledger/pictures.ts';

/** The schema as it is against what the ledger expects. */
export interface Drift {
  /** Undefined: nothing was applied or accepted here, so nothing is expected. */
  readonly expected: ExpectedSchema | undefined;
  readonly found: Fingerprint;
  readonly drifted: boolean;
  /** Undefined without a drift. */
  readonly comparison: PictureComparison | undefined;
  /** Whether changes are recorded from now on. */
  readonly recording: boolean;
  /** What was recorded since the expected schema stands, newest first. */
  readonly changes: readonly RecordedChange[];
  /** A migration that is half way: what it did so far counts as a difference. */
  readonly inProgress: MigrationId | undefined;
}

/** Reads only. */
export async function findDrift(database: Database): Promise<Drift> {
  const found = await fingerprint(database);
  if (!(await hasLedger(database))) {
    const nothing = { expected: undefined, comparison: undefined, inProgress: undefined };
    return { ...nothing, found, drifted: false, recording: false, changes: [] };
  }
  const expected = await expectedSchema(database);
  const history = await listMigrations(database);
  const drifted = expected !== undefined && expected.fingerprint !== found;
  return {
    expected,
    found,
    drifted,
    recording: await isRecording(database),
    changes: drifted ? await recordedChanges(database, expected.since) : [],
    comparison: drifted ? await compareWithPicture(database, expected.fingerprint) : undefined,
    inProgress: history.find(({ status }) => status === 'in-progress')?.migrationId,
  };
}
