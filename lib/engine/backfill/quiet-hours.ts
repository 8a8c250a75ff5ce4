import type { Pacing } from '../../core/migration/migration.ts';
import type { Clock } from '../../ports/clock.ts';
import { WindowWatch } from '../window-watch.ts';

/** Whether now is a quiet hour of a backfill; never, where none is declared. */
export class QuietHours {
  readonly #watch: WindowWatch | undefined;

  constructor({ quiet }: Pacing, clock: Clock) {
    this.#watch = quiet && new WindowWatch(quiet.hours, clock);
  }

  now(): boolean {
    return this.#watch?.isOpen() ?? false;
  }
}
