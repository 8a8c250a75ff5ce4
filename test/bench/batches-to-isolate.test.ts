import { describe, expect, it } from '@jest/globals';
import { batchesToIsolate } from '../../bench/batches-to-isolate.ts';
import type { WatchedQuery } from '../../bench/watched-database.ts';
import { DatabaseError } from '../../lib/ports/database.ts';

const moved = query('select from lockkeeper.move_batch(work => $$update$$)');
const bad = { ...moved, error: new DatabaseError('constraint', 'violates poison') };
const slow = { ...moved, error: new DatabaseError('cancelled', 'took too long') };
const setAside = query(
  'select from lockkeeper.move_batch(work => $$insert into lockkeeper.quarantine$$)',
);
const search = query('select id from items');

describe('batchesToIsolate', () => {
  it('counts from the first batch that failed to the one that set the row aside', () => {
    const queries = [moved, search, bad, search, moved, bad, search, setAside, moved];
    expect(batchesToIsolate(queries)).toBe(4);
  });

  it('does not begin with a batch that ran out of time', () => {
    expect(batchesToIsolate([slow, moved, bad, setAside])).toBe(2);
  });

  it('goes on while setting aside has to be tried again', () => {
    const lost = { ...setAside, error: slow.error };
    expect(batchesToIsolate([bad, lost, setAside, moved])).toBe(3);
  });

  it('counts all the rest when the row was never set aside', () => {
    expect(batchesToIsolate([moved, bad, moved, moved])).toBe(3);
  });

  it('is nothing when no row was at fault', () => {
    expect(batchesToIsolate([moved, slow, moved])).toBe(0);
  });
});

function query(sql: string): WatchedQuery {
  return { sql, error: undefined };
}
