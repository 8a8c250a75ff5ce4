import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ExecutionRecord, StateMachineRecord } from './records.ts';

/**
 * The directory that outlives the process:
 *
 * ```
 * state-machines/<key>.json
 * executions/<key>/execution.json   written whole, by rename
 * executions/<key>/history.jsonl    appended to
 * ```
 *
 * One process at a time may use it.
 */
export class RecordFiles {
  readonly #machines: string;
  readonly #executions: string;

  constructor(directory: string) {
    this.#machines = join(directory, 'state-machines');
    this.#executions = join(directory, 'executions');
    mkdirSync(this.#machines, { recursive: true });
    mkdirSync(this.#executions, { recursive: true });
  }

  saveMachine(machine: StateMachineRecord): void {
    writeWhole(join(this.#machines, `${fileKey(machine.name)}.json`), machine);
  }

  machines(): readonly StateMachineRecord[] {
    return readdirSync(this.#machines)
      .filter((file) => file.endsWith('.json'))
      .map((file) => readJson<StateMachineRecord>(join(this.#machines, file)));
  }

  saveExecution(execution: ExecutionRecord): void {
    const directory = this.#directoryOf(execution.arn);
    mkdirSync(directory, { recursive: true });
    writeWhole(join(directory, 'execution.json'), execution);
  }

  /** A directory without a record was made by a start that never got an answer: it does not count. */
  executions(): readonly ExecutionRecord[] {
    return readdirSync(this.#executions)
      .map((key) => join(this.#executions, key, 'execution.json'))
      .filter((path) => existsSync(path))
      .map((path) => readJson<ExecutionRecord>(path));
  }

  historyPath(executionArn: string): string {
    return join(this.#directoryOf(executionArn), 'history.jsonl');
  }

  #directoryOf(executionArn: string): string {
    return join(this.#executions, fileKey(executionArn));
  }
}

/**
 * A readable file name for any name: names of executions may hold 80 characters of Unicode or be `..`. The 16 hex
 * digits (64 bits) tell apart names that look the same after cleaning.
 */
function fileKey(name: string): string {
  const readable = name.slice(-80).replace(/[^A-Za-z0-9_-]/g, '-');
  return `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}

/** Readers see the old document or the new one, never half of one. */
function writeWhole(path: string, document: object): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, `${JSON.stringify(document, null, 2)}\n`, { flush: true });
  renameSync(draft, path);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
