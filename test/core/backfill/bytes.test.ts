import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  MAX_BYTES,
  rowsWithin,
  saidOfBytes,
  withinBytes,
} from '../../../lib/core/backfill/bytes.ts';

const PACE = { minRows: 100, maxRows: 50_000 };

describe('the bytes of a batch', () => {
  it('leave narrow rows to the time that they take', () => {
    expect(withinBytes(PACE, 200)).toEqual(PACE);
    expect(withinBytes(PACE, undefined)).toEqual(PACE);
    expect(saidOfBytes(PACE, 200)).toBeUndefined();
  });

  it('bound wide rows, below the fewest where one is as wide as that', () => {
    expect(withinBytes(PACE, 8_192)).toEqual({ minRows: 100, maxRows: 2_048 });
    expect(withinBytes(PACE, 1_048_576)).toEqual({ minRows: 16, maxRows: 16 });
    expect(withinBytes({ ...PACE, maxBytes: 65_536 }, 1_048_576)).toMatchObject({ maxRows: 1 });
    const said = saidOfBytes(withinBytes(PACE, 1_048_576), 1_048_576);
    expect(said).toBe('never more than 16 rows, as one writes about 1MB');
  });

  it('are never more than declared, but for a single row', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), (rowBytes) => {
        const { minRows, maxRows } = withinBytes(PACE, rowBytes);
        expect(minRows).toBeGreaterThanOrEqual(1);
        expect(minRows).toBeLessThanOrEqual(maxRows);
        if (maxRows > 1) expect(maxRows * rowBytes).toBeLessThanOrEqual(MAX_BYTES);
        expect(rowsWithin({}, rowBytes)).toBeGreaterThanOrEqual(maxRows);
      }),
    );
  });
});
