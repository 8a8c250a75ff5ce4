import type { EpochMs } from '../../core/ids.ts';
import type { Pacing } from '../../core/migration/migration.ts';
import { windowState } from '../../core/migration/window.ts';
import type { Clock } from '../../ports/clock.ts';

/** Local time is not free to find out, and hours are not shorter than this. */
const LOOK_EVERY_MS = 1_000;

/** Whether now is a quiet hour of a backfill. */
export class QuietHours {
  readonly #pacing: Pacing;
  readonly #clock: Clock;
  #looked: { readonly at: EpochMs; readonly quiet: boolean } | undefined;

  constructor(pacing: Pacing, clock: Clock) {
    this.#pacing = pacing;
    this.#clock = clock;
  }

  now(): boolean {
    const { quiet } = this.#pacing;
    if (quiet === undefined) return false;
    const at = this.#clock.now();
    if (this.#looked === undefined || at - this.#looked.at >= LOOK_EVERY_MS) {
      this.#looked = { at, quiet: windowState(quiet.hours, at).kind === 'open' };
    }
    return this.#looked.quiet;
  }
}
