import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MAX_HISTORY_EVENTS } from './limits.ts';
import { RUNTIME_ERROR, StateError } from './state-error.ts';

/** One event, as `GetExecutionHistory` shows it; `timestamp` is epoch seconds. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly timestamp: number;
  /** `...EventDetails` of the type. */
  readonly [details: string]: unknown;
}

/** The member that carries what an event is about, e.g. `{stateEnteredEventDetails: {...}}`. */
export type EventDetails = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The events of one execution, oldest first, appended to a file of JSON lines as they happen: rewriting a document for
 * each of up to 25,000 events would be quadratic. A torn last line, left by a crash, is dropped when read.
 */
export class History {
  readonly #path: string;
  #events: HistoryEvent[] | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Appends an event and returns its id; after the terminal event nothing is recorded any more.
   *
   * @throws StateError `States.Runtime` when only the place for the terminal event is left
   */
  record(type: string, details: EventDetails = {}): number {
    const events = this.events();
    if (this.#closed) return events.length;
    if (events.length >= MAX_HISTORY_EVENTS - 1) {
      throw new StateError(
        RUNTIME_ERROR,
        `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
      );
    }
    return this.#append(type, details);
  }

  /** Appends the event that ends the execution. */
  end(type: string, details: EventDetails): void {
    if (this.#closed) return;
    this.#append(type, details);
    this.#closed = true;
  }

  /** Records nothing more; what is on disk stays as a killed process would leave it. */
  abandon(): void {
    this.#closed = true;
  }

  /** All events so far, oldest first. */
  events(): readonly HistoryEvent[] {
    this.#events ??= existsSync(this.#path) ? recover(this.#path) : [];
    return this.#events;
  }

  #append(type: string, details: EventDetails): number {
    const id = this.events().length + 1;
    const timestamp = Date.now() / 1_000;
    const event: HistoryEvent = { timestamp, type, id, previousEventId: id - 1, ...details };
    this.#events?.push(event);
    appendFileSync(this.#path, `${JSON.stringify(event)}\n`);
    return id;
  }
}

/** Reads the whole lines and cuts off a torn one, so that the next event starts on a line of its own. */
function recover(path: string): HistoryEvent[] {
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeFileSync(path, whole);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent);
}
