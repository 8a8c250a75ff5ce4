import { LockkeeperError } from '../../core/errors.ts';
import type { Fingerprint } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import type { Database } from '../../ports/database.ts';
import { bootstrapLedger } from '../../postgres/ledger/bootstrap.ts';
import { listMigrations } from '../../postgres/ledger/executions.ts';
import { recordBaseline } from '../../postgres/ledger/expected-schema.ts';
import { recordPicture } from '../../postgres/ledger/pictures.ts';

export interface AcceptContext {
  readonly control: ControlStore;
  readonly database: Database;
  /** `<cluster identifier>/<database>`: what the lease is taken on. */
  readonly target: string;
}

/**
 * Makes the schema as it is now what the ledger expects, with who said so and why. Also the first
 * entry of a database that existed before its ledger.
 * @throws LockkeeperError LeaseHeld, WrongState while a migration is half way: the schema then is
 *   neither before nor after it
 */
export async function acceptSchema(
  { control, database, target }: AcceptContext,
  accepted: { readonly by: string; readonly reason: string },
): Promise<Fingerprint> {
  const lease = await control.getLease(target);
  if (lease !== undefined) {
    throw new LockkeeperError(
      'LeaseHeld',
      `execution ${lease.executionId} is at work on ${target}`,
      {
        fix: 'accept the schema when it has ended',
      },
    );
  }
  await bootstrapLedger(database);
  return database.transaction(async (tx) => {
    const halfWay = (await listMigrations(tx)).find(({ status }) => status === 'in-progress');
    if (halfWay !== undefined) {
      throw new LockkeeperError(
        'WrongState',
        `execution ${halfWay.executionId} left migration ${halfWay.migrationId} half way`,
        { fix: 'resume it or roll it back first' },
      );
    }
    const fingerprint = await recordPicture(tx);
    await recordBaseline(tx, fingerprint, accepted);
    return fingerprint;
  });
}
