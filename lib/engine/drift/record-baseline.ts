import { LockkeeperError } from '../../core/errors.ts';
import type { Checksum, ExecutionId, Fingerprint, MigrationId } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';
import { bootstrapLedger } from '../../postgres/ledger/bootstrap.ts';
import { recordAppliedBefore } from '../../postgres/ledger/executions.ts';
import { hasHistory, recordBaseline } from '../../postgres/ledger/expected-schema.ts';
import { recordPicture } from '../../postgres/ledger/pictures.ts';
import type { AcceptContext } from './accept-schema.ts';

/** A migration of the project whose change the database has already. */
export interface AppliedBefore {
  readonly migrationId: MigrationId;
  readonly checksum: Checksum;
}

export interface Baseline {
  readonly fingerprint: Fingerprint;
  readonly applied: readonly AppliedBefore[];
}

/**
 * The first entry of a database that existed before its ledger: its schema as it is now, and the
 * migrations that somebody says are in it. Who said so and why is kept in the ledger.
 * @throws LockkeeperError LeaseHeld, WrongState when the ledger knows anything already: what was
 *   applied there must not be overwritten by what somebody believes
 */
export async function recordFirstBaseline(
  { control, database, target }: AcceptContext,
  applied: readonly AppliedBefore[],
  said: { readonly by: string; readonly reason: string },
): Promise<Baseline> {
  const lease = await control.getLease(target);
  if (lease !== undefined) {
    const message = `execution ${lease.executionId} is at work on ${target}`;
    throw new LockkeeperError('LeaseHeld', message, { fix: 'wait until it has ended' });
  }
  await bootstrapLedger(database);
  return database.transaction(async (tx) => {
    await refuseHistory(tx);
    const fingerprint = await recordPicture(tx);
    for (const migration of applied) {
      await recordAppliedBefore(tx, {
        ...migration,
        executionId: executionOf(migration),
        fingerprint,
      });
    }
    await recordBaseline(tx, fingerprint, said);
    return { fingerprint, applied };
  });
}

/** Has the form of an execution's id, so that whoever reads the ledger can read it. */
function executionOf({ migrationId }: AppliedBefore): ExecutionId {
  return `${migrationId}-baseline` as ExecutionId;
}

async function refuseHistory(tx: Session): Promise<void> {
  if (!(await hasHistory(tx))) return;
  throw new LockkeeperError('WrongState', 'the ledger of this database has a history already', {
    fix: 'lockkeeper drift --accept makes the schema as it is what is expected',
  });
}
