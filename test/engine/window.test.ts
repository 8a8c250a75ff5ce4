import { describe, expect, it } from '@jest/globals';
import { epochMs } from '../../lib/core/ids.ts';
import { runPhase } from '../../lib/engine/run-phase.ts';
import { settableClock } from '../support/clocks.ts';
import { takenThrough, targetScene } from '../support/target-scene.ts';
import { countInCents, ordersInAmounts } from './cents-migration.ts';

const HOUR_MS = 3_600_000;
const BY_NIGHT = `    batch: {min_rows: 1, max_rows: 10, pause: 10s}
windows:
  backfill: [{from: '22:00', to: '23:00'}]`;

describe('a phase whose window closes while it runs', () => {
  const scene = targetScene(ordersInAmounts(400));

  async function filled(): Promise<number> {
    const { rows } = await scene.query(
      'select count(*)::int as filled from orders where cents is not null',
    );
    return rows[0].filled;
  }

  it('hands back, waits for the window and goes on where it was', async () => {
    // GIVEN half a minute before eleven, and a clock that only pauses move
    const clock = settableClock(Date.UTC(2026, 10, 22, 22, 59, 30));
    const started = await scene.started(countInCents(BY_NIGHT), { clock });
    const call = () => ({ ...started, until: epochMs(clock.now() + 2 * HOUR_MS) });
    await takenThrough(call(), ['expand']);

    // WHEN
    const tonight = await runPhase(call(), 'backfill');

    // THEN some rows were moved and not all, though the call had two hours
    expect(tonight).toEqual({ kind: 'continue' });
    const moved = await filled();
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(100);

    // and the next call waits
    expect(await runPhase(call(), 'backfill')).toEqual({
      kind: 'wait',
      seconds: 3_600,
      reason: 'waiting for the backfill window',
    });
    expect(await filled()).toBe(moved);

    // WHEN it is ten at night again
    clock.setTo(Date.UTC(2026, 10, 23, 22, 0, 0));

    // THEN
    expect(await runPhase(call(), 'backfill')).toEqual({ kind: 'done' });
    expect(await filled()).toBe(400);
  });
});
