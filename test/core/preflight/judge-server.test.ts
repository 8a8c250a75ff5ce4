import { describe, expect, it } from '@jest/globals';
import type { ServerCondition } from '../../../lib/core/preflight/condition.ts';
import { judgeServer } from '../../../lib/core/preflight/judge-server.ts';

const HEALTHY: ServerCondition = {
  longTransactions: [],
  preparedTransactions: [],
  transactionAge: 150_000_000,
  seesOthers: true,
  heldSnapshots: [{ holder: 'the standby b', age: 40 }],
  slots: [{ name: 'cdc', active: true, lost: false, bytes: 1024 ** 2 }],
  replicas: [{ name: 'reader-1', lagMs: 25 }],
  autovacuum: true,
};
const said = (change: Partial<ServerCondition>) =>
  judgeServer({ ...HEALTHY, ...change }).map(({ severity, message }) => `${severity}: ${message}`);

describe('judgeServer', () => {
  it('says nothing about a server as it should be', () => {
    expect(said({})).toEqual([]);
  });

  it('refuses only when the server is about to stop writing', () => {
    expect(said({ transactionAge: 1_200_000_000 })[0]).toMatch(
      /^warn: the oldest row was frozen 1200 million/,
    );
    expect(said({ transactionAge: 1_900_000_000 })[0]).toMatch(/^refuse: /);
  });

  it('tells slots that nobody reads from those whose reader is slow, and from lost ones', () => {
    const slot = { name: 'cdc', active: false, lost: false, bytes: 3 * 1024 ** 3 };
    expect(said({ slots: [slot] })).toEqual([
      'warn: nobody reads the replication slot cdc, which keeps 3.0 GiB of WAL; a backfill adds to it',
    ]);
    expect(said({ slots: [{ ...slot, active: true }] })[0]).toContain('is 3.0 GiB of WAL behind');
    expect(said({ slots: [{ ...slot, lost: true, bytes: 0 }] })[0]).toContain('has lost WAL');
  });

  it('names replicas that are behind, snapshots that are held, and what is not done or not seen', () => {
    expect(
      said({
        replicas: [{ name: 'reader-1', lagMs: 61_000 }],
        heldSnapshots: [{ holder: 'the replication slot cdc', age: 7_000_000 }],
        autovacuum: false,
        seesOthers: false,
      }),
    ).toEqual([
      expect.stringContaining('our role does not see what other roles do'),
      expect.stringContaining(
        'the replication slot cdc holds a snapshot that is 7 million transactions old',
      ),
      expect.stringContaining('the replica reader-1 is 61 s behind'),
      expect.stringContaining('autovacuum is off on the server'),
    ]);
  });
});
