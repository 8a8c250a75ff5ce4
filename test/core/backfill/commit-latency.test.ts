import { describe, expect, it } from '@jest/globals';
import {
  addCommit,
  type CommitTimes,
  commitLatency,
} from '../../../lib/core/backfill/commit-latency.ts';

const taken = (...all: readonly number[]) => all.reduce<CommitTimes>(addCommit, []);

describe('the time of a commit', () => {
  it('is not known from a look or two', () => {
    expect(commitLatency(taken(500, 500))).toBe('pending');
    expect(commitLatency(taken(4, 6, 5))).toBe(5);
  });

  it('is not that of a few commits which waited for a checkpoint', () => {
    expect(commitLatency(taken(4, 5, 900, 6, 800, 700, 5))).toBe(6);
  });

  it('is slow once most of the last ones are, and fast again likewise', () => {
    const slow = taken(5, 5, 5, 300, 310, 320, 330);
    expect(commitLatency(slow)).toBe(300);
    expect(commitLatency([5, 5, 5, 5].reduce<CommitTimes>(addCommit, slow))).toBe(5);
  });

  it('is never less than nothing, where the way there was shorter this time', () => {
    expect(commitLatency(taken(-3, -2, -1))).toBe(0);
  });
});
