import type { EpochMs } from '../core/ids.ts';
import type { Window } from '../core/migration/migration.ts';
import { windowState } from '../core/migration/window.ts';
import type { Clock } from '../ports/clock.ts';

/** Local time is not free to find out, and windows are not shorter than this. */
const LOOK_EVERY_MS = 1_000;

/** Whether one of some windows is open, for those who ask many times a second. */
export class WindowWatch {
  readonly #windows: readonly Window[];
  readonly #clock: Pick<Clock, 'now'>;
  #looked: { readonly at: EpochMs; readonly open: boolean } | undefined;

  /** @param windows none means: always open */
  constructor(windows: readonly Window[], clock: Pick<Clock, 'now'>) {
    this.#windows = windows;
    this.#clock = clock;
  }

  isOpen(): boolean {
    const at = this.#clock.now();
    if (this.#looked === undefined || at - this.#looked.at >= LOOK_EVERY_MS) {
      this.#looked = { at, open: windowState(this.#windows, at).kind === 'open' };
    }
    return this.#looked.open;
  }
}
