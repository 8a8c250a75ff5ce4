import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { beatPulse } from '../../../lib/postgres/backfill/pulse.ts';
import { bootstrapLedger } from '../../../lib/postgres/ledger/bootstrap.ts';
import { type Chamber, fenceOf, openChamber } from '../../engine/backfill/lock-chamber.ts';

const TAG = 'lockkeeper 0001_fill-abcd fill';

let chamber: Chamber;
beforeEach(async () => {
  chamber = await openChamber();
});
afterEach(() => chamber.close());

describe('the pulse', () => {
  it('is one row, however often it beats and whoever beats it', async () => {
    const beats = [1, 2, 3].map(() => beatPulse(chamber.database, fenceOf(1), TAG));
    expect(await Promise.all(beats)).toEqual([true, true, true]);
    expect(await chamber.sql('select beats::int from lockkeeper.pulse')).toEqual([{ beats: 3 }]);
  });

  it('is not written by a runner that was replaced', async () => {
    expect(await beatPulse(chamber.database, fenceOf(7), TAG)).toBe(false);
    expect(await chamber.sql('select from lockkeeper.pulse')).toEqual([]);
  });

  it('has a place in a ledger of an earlier version, once that was prepared', async () => {
    await chamber.sql('drop table lockkeeper.pulse');
    await bootstrapLedger(chamber.database);
    expect(await beatPulse(chamber.database, fenceOf(1), TAG)).toBe(true);
  });
});
