import { describe, expect, it } from '@jest/globals';
import { durationMs } from '../../../lib/core/ids.ts';
import { expectedDuration } from '../../../lib/core/restore/expected-duration.ts';

const MINUTE_MS = 60_000;
const FIRST = { takeOver: false, thereAlready: false, earlier: [], embedded: false } as const;

describe('how long a restore takes', () => {
  it('is what is typical, until there is a restore of our own', () => {
    expect(expectedDuration(FIRST)).toMatchObject({
      fromMs: 11 * MINUTE_MS,
      toMs: 33 * MINUTE_MS,
      basis: expect.stringContaining('typical'),
    });
  });

  it('is what the last one took, and half as long again', () => {
    const earlier = [durationMs(40 * MINUTE_MS), durationMs(20 * MINUTE_MS)];
    expect(expectedDuration({ ...FIRST, earlier })).toMatchObject({
      fromMs: 20 * MINUTE_MS,
      toMs: 30 * MINUTE_MS,
      basis: expect.stringContaining('last restore'),
    });
  });

  it('is the renames alone when the cluster is there', () => {
    const takeover = expectedDuration({ ...FIRST, takeOver: true, thereAlready: true });
    expect(takeover).toMatchObject({ fromMs: 4 * MINUTE_MS, toMs: 12 * MINUTE_MS });
  });
});
