import { describe, expect, it } from '@jest/globals';
import { RUNNING, type ThrottleReading, throttle } from '../../../lib/core/backfill/throttle.ts';

const CALM: ThrottleReading = {
  waitingForUs: 0,
  replicaLagMs: 0,
  oldestSnapshotSeconds: 0,
  walBytesPerSecond: 0,
  wraparoundVacuum: false,
  vacuum: true,
  seesOthers: true,
};

describe('throttle', () => {
  it('lets a calm target run, with an ordinary vacuum too', () => {
    expect(throttle(RUNNING, CALM)).toEqual(RUNNING);
  });

  it.each<[Partial<ThrottleReading>, string]>([
    [{ waitingForUs: 12 }, '12 sessions wait for our row locks'],
    [{ replicaLagMs: 12_345.6 }, 'a replica is 12346 ms behind'],
    [
      { oldestSnapshotSeconds: 7_200 },
      'a transaction of 120 min keeps dead rows from being removed',
    ],
    [{ walBytesPerSecond: 240_000_000 }, 'the server writes 240 MB of WAL a second'],
    [{ wraparoundVacuum: true }, 'a vacuum against transaction id wraparound works on the table'],
  ])('holds for %j and says why', (reading, reason) => {
    expect(throttle(RUNNING, { ...CALM, ...reading })).toEqual({ kind: 'held', reason });
  });

  it('goes on only well below what made it hold', () => {
    const between = { ...CALM, replicaLagMs: 5_000 };
    expect(throttle(RUNNING, between).kind).toBe('running');
    expect(throttle({ kind: 'held', reason: 'lag' }, between).kind).toBe('held');
    expect(throttle({ kind: 'held', reason: 'lag' }, { ...CALM, replicaLagMs: 900 })).toEqual(
      RUNNING,
    );
  });

  it('holds when the target cannot be read', () => {
    expect(throttle(RUNNING, undefined)).toEqual({
      kind: 'held',
      reason: 'the load of the target cannot be read',
    });
  });
});
