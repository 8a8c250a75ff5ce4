import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ExecutionId, executionIdOf, type MigrationId } from '../lib/core/ids.ts';
import { pgDatabase } from '../lib/local/pg-database.ts';
import { adoptFence } from '../lib/postgres/ledger/fence.ts';
import type { Scene } from './scene.ts';
import type { MakeTrouble } from './trouble.ts';

/** What happens to the server itself while a statement is on its way. */
export const DATABASE_TROUBLES = {
  'database restart': ({ scene }) => ({
    fault: () => ({ kind: 'meanwhile', before: () => crash(scene) }),
    heal: async () => {
      await scene.ask('select 1');
    },
  }),
  'failover to read-only': ({ scene }) => {
    let over: Promise<unknown> = Promise.resolve();
    return {
      fault: () => ({
        kind: 'meanwhile',
        before: async () => {
          await setReadOnly(scene, true);
          over = sleep(READ_ONLY_MS).then(() => setReadOnly(scene, false));
        },
      }),
      heal: async () => {
        await over;
      },
    };
  },
  'disk full': ({ scene }) => ({
    fault: () => ({
      kind: 'meanwhile',
      before: () => scene.ask('insert into witness.full_disk default values'),
    }),
    heal: async () => {
      await scene.ask('truncate witness.full_disk');
    },
  }),
} as const satisfies Record<string, MakeTrouble>;

/** A writer that was demoted takes connections and refuses writes until clients find the new one. */
const READ_ONLY_MS = 700;

async function crash({ aws }: Scene): Promise<void> {
  await aws.rds.postgres(aws.description.clusterIdentifier)?.kill();
}

/** What a client sees of a failover: its sessions end, and new ones cannot write (25006). */
async function setReadOnly(scene: Scene, readOnly: boolean): Promise<void> {
  const value = readOnly ? 'on' : 'off';
  await scene.ask(`alter role app_owner set default_transaction_read_only = ${value}`);
  await scene.ask(`select pg_terminate_backend(pid) from pg_stat_activity
                   where usename = 'app_owner' and pid <> pg_backend_pid()`);
}

/**
 * Somebody holds a lock until our statement waits for it, cancels the statement as an operator
 * with pg_cancel_backend would, and lets go.
 * @param mode of a lock that the statement cannot pass
 */
export function cancelled(mode: string): MakeTrouble {
  return ({ scene }) => {
    let missed = false;
    let holder: pg.Client | undefined;
    const letGo = async () => {
      const held = holder;
      holder = undefined;
      await held?.end();
    };
    return {
      fault: () => ({
        kind: 'meanwhile',
        before: async () => {
          holder = await holdPeople(scene, mode);
        },
        during: async () => {
          const [answer] = await scene.ask<{ told: boolean }>(
            'select witness.cancel_waiting() as told',
          );
          missed = answer?.told !== true;
          await letGo();
        },
      }),
      heal: async () => {
        await letGo();
        if (missed) throw new TypeError('no statement waited for the lock');
      },
    };
  };
}

async function holdPeople({ aws }: Scene, mode: string): Promise<pg.Client> {
  const connectionString = aws.description.databaseUrl;
  const client = new pg.Client({ connectionString, application_name: 'nightly-report' });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(`lock table people in ${mode} mode`);
  return client;
}

/**
 * Another execution takes the target: its lease in the control store, its token in the ledger.
 * It lets go when the cell heals, as it would at its end.
 */
export const leaseStolen: MakeTrouble = ({ scene, executionId }) => {
  const { control, target, clock } = scene.observer;
  let thief: ExecutionId | undefined;
  let adopted: Promise<void> = Promise.resolve();
  const steal = async () => {
    const victim = await control.getExecution(await executionId());
    if (victim === undefined) throw new TypeError('there is nobody to steal from');
    const id = executionIdOf('0002_thief' as MigrationId, victim.executionId.slice(-6));
    const source = await control.getSource(victim.executionId);
    if (source === undefined) throw new TypeError('the victim has no source');
    await control.createExecution(
      { ...victim, executionId: id, migrationId: '0002_thief' as MigrationId, runs: [] },
      source,
    );
    await control.takeOverLease(target.name, victim.executionId, id, clock.now());
    const token = await control.nextFencingToken(target.name, id);
    if (token === undefined) throw new TypeError('the lease was not stolen');
    thief = id;
    const database = pgDatabase({ url: scene.aws.description.databaseUrl, connections: 1 });
    // Waits for the transaction that holds the old token, so it may end after the call.
    adopted = adoptFence(database, { executionId: id, token }).finally(() => database.close());
    adopted.catch(() => undefined);
  };
  return {
    fault: () => ({ kind: 'meanwhile', before: steal }),
    heal: async () => {
      if (thief === undefined) return;
      await adopted;
      await control.changeExecution(thief, { status: 'succeeded', finishedAt: clock.now() });
      await control.releaseLease(target.name, thief);
      thief = undefined;
    },
  };
};
