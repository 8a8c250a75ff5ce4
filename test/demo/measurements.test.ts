import { describe, expect, it } from '@jest/globals';
import { measure, type RequestResult } from '../../lib/demo/traffic/measurements.ts';

const RIGHT: RequestResult = {
  version: 'old',
  operation: 'view account',
  kind: 'read',
  latencyMs: 2,
  failure: undefined,
  handedToOld: false,
  crossVersion: false,
};

describe('measurements', () => {
  it('belong to the phase in which the response came, and a phase may come again', () => {
    // GIVEN
    let now = 100;
    const measurements = measure('before', () => now);

    // WHEN
    measurements.requestEnded(RIGHT);
    now += 1_000;
    measurements.mark('during');
    measurements.requestEnded({ ...RIGHT, version: 'new', kind: 'write', latencyMs: 80 });
    now += 500;
    measurements.mark('before');
    measurements.requestEnded({ ...RIGHT, latencyMs: 4 });
    now += 250;

    // THEN
    const report = measurements.report();
    expect(report).toMatchObject({ durationMs: 1_750, requests: 3, failed: 0 });
    expect(report.requestsByVersion).toEqual({ old: 2, new: 1 });
    expect(report.phases).toMatchObject([
      { phase: 'before', durationMs: 1_250, requests: 2, latency: { writeMaxMs: 0 } },
      { phase: 'during', durationMs: 500, requests: 1, latency: { writeMaxMs: 80 } },
    ]);
    // Three digits: 0.1% of the value.
    expect(report.phases[0]?.latency.maxMs).toBeCloseTo(4, 2);
    expect(report.phases[1]?.latency.p99Ms).toBeCloseTo(80, 0);
  });

  it('keep each failure once with its count, and count those they do not keep', () => {
    // GIVEN
    const measurements = measure('before', () => 0);

    // WHEN
    for (let message = 0; message < 30; message++) {
      const failed = { ...RIGHT, failure: `wrong answer ${message}` };
      measurements.requestEnded(failed);
      measurements.requestEnded(failed);
    }

    // THEN
    const { failed, failures } = measurements.report();
    expect(failed).toBe(60);
    expect(failures).toHaveLength(20);
    expect(failures[0]).toEqual({
      version: 'old',
      operation: 'view account',
      phase: 'before',
      message: 'wrong answer 0',
      count: 2,
    });
  });

  it('remember the longest lock wait of each phase and of all', () => {
    // GIVEN
    const measurements = measure('before', () => 0);
    const wait = { waiter: 'app-old', lock: 'invoices AccessShareLock', blockedBy: ['lockkeeper'] };

    // WHEN
    measurements.lockWaitSeen({ ...wait, waitMs: 40 });
    measurements.lockWaitSeen({ ...wait, waitMs: 90 });
    measurements.mark('during');
    measurements.lockWaitSeen({ ...wait, waitMs: 60 });

    // THEN
    const report = measurements.report();
    expect(report.longestLockWait).toEqual({ ...wait, waitMs: 90, phase: 'before' });
    expect(report.phases.map(({ longestLockWaitMs }) => longestLockWaitMs)).toEqual([90, 60]);
  });
});
