import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** One line that a function wrote. */
export interface FunctionLogLine {
  readonly functionName: string;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  /** Epoch milliseconds at which the host read it. */
  readonly at: number;
}

/** Receives every line as it is written. */
export type FunctionLogSink = (line: FunctionLogLine) => void;

/** The last lines of one function, oldest first; older ones are forgotten. */
export class FunctionLogs {
  readonly #functionName: string;
  readonly #capacity: number;
  readonly #sink: FunctionLogSink;
  readonly #lines: FunctionLogLine[] = [];

  /** @param capacity lines kept; at about 200 bytes a line, 1,000 lines are 200 KB a function */
  constructor(functionName: string, sink: FunctionLogSink, capacity = 1_000) {
    this.#functionName = functionName;
    this.#sink = sink;
    this.#capacity = capacity;
  }

  /** Follows one output of a worker until it ends. */
  follow(stream: 'stdout' | 'stderr', output: Readable): void {
    const reader = createInterface({ input: output, crlfDelay: Number.POSITIVE_INFINITY });
    reader.on('line', (line) => {
      const entry = { functionName: this.#functionName, stream, line, at: Date.now() };
      this.#lines.push(entry);
      if (this.#lines.length > this.#capacity) this.#lines.shift();
      this.#sink(entry);
    });
  }

  /** What is kept at this moment. */
  lines(): readonly FunctionLogLine[] {
    return [...this.#lines];
  }
}
