import { AwsError } from '../http/aws-error.ts';
import { executionArn, isExecutionArn } from './arns.ts';
import { Execution, type ExecutionServices, TERMINAL_EVENTS } from './execution.ts';
import { History } from './history.ts';
import type { RecordFiles } from './record-files.ts';
import type { ExecutionRecord, ExecutionStart } from './records.ts';
import type { FoundStateMachine } from './state-machines.ts';
import { type StatusChangeSink, statusChangeEvent } from './status-change.ts';

/** Why an execution that was running when the process went away is ABORTED after the restart. */
export const STOPPED_CAUSE = 'the embedded runtime was stopped';

interface Entry {
  record: ExecutionRecord;
  readonly history: History;
  readonly running?: Execution;
}

/** The executions of the account, those of earlier processes included. */
export class Executions {
  readonly #files: RecordFiles;
  readonly #services: Omit<ExecutionServices, 'onChange'>;
  readonly #sink: StatusChangeSink;
  readonly #entries = new Map<string, Entry>();

  constructor(
    files: RecordFiles,
    services: Omit<ExecutionServices, 'onChange'>,
    sink: StatusChangeSink,
  ) {
    this.#files = files;
    this.#services = services;
    this.#sink = sink;
    const stored = [...files.executions()].sort((a, b) => a.startedAt - b.startedAt);
    for (const record of stored) this.#restore(record);
  }

  /** Starts an execution; the same name and input while it is RUNNING is the same execution. */
  start(
    machine: FoundStateMachine,
    name: string,
    input: string,
  ): { readonly executionArn: string; readonly startedAt: number } {
    const arn = executionArn(machine.record.name, name);
    const existing = this.#entries.get(arn)?.record;
    if (existing !== undefined) {
      if (existing.status !== 'RUNNING' || existing.input !== input) {
        throw new AwsError('ExecutionAlreadyExists', 400, `Execution Already Exists: '${arn}'`);
      }
      return { executionArn: arn, startedAt: existing.startedAt };
    }
    const start: ExecutionStart = {
      arn,
      name,
      stateMachineName: machine.record.name,
      ...(machine.qualifier === undefined ? {} : { qualifier: machine.qualifier }),
      roleArn: machine.record.roleArn,
      input,
      startedAt: Date.now(),
    };
    const history = new History(this.#files.historyPath(arn));
    const running = new Execution(start, history, {
      ...this.#services,
      onChange: (record) => this.#change(record),
    });
    this.#entries.set(arn, { record: { ...start, status: 'RUNNING' }, history, running });
    void running.run(machine.definition);
    return { executionArn: arn, startedAt: start.startedAt };
  }

  /** Stops a running execution at once; one that is over stays as it is. Returns the stop time in milliseconds. */
  stop(arn: string, error: string | undefined, cause: string | undefined): number {
    this.#find(arn).running?.stop(error, cause);
    const { record } = this.#find(arn);
    return record.status === 'RUNNING' ? Date.now() : record.stoppedAt;
  }

  /** @throws AwsError `InvalidArn`, `ExecutionDoesNotExist` */
  describe(arn: string): ExecutionRecord {
    return this.#find(arn).record;
  }

  /** The events of one execution, oldest first. */
  history(arn: string): ReturnType<History['events']> {
    return this.#find(arn).history.events();
  }

  has(arn: string): boolean {
    return this.#entries.has(arn);
  }

  /** Newest first. */
  list(): readonly ExecutionRecord[] {
    return [...this.#entries.values()].map(({ record }) => record).reverse();
  }

  /** Leaves everything as a killed process would; see {@link Execution.abandon}. */
  abandon(): void {
    for (const { running } of this.#entries.values()) running?.abandon();
  }

  #find(arn: string): Entry {
    if (!isExecutionArn(arn)) throw new AwsError('InvalidArn', 400, `Invalid Arn: '${arn}'`);
    const entry = this.#entries.get(arn);
    if (entry !== undefined) return entry;
    throw new AwsError('ExecutionDoesNotExist', 400, `Execution Does Not Exist: '${arn}'`);
  }

  #change(record: ExecutionRecord): void {
    this.#files.saveExecution(record);
    const entry = this.#entries.get(record.arn);
    if (entry !== undefined) entry.record = record;
    this.#sink(statusChangeEvent(record));
  }

  /**
   * An execution whose process died is ABORTED; what happened in the database is in its ledger, and an operator resumes
   * from there. No status event is sent, because a rule must not start a rollback whenever a laptop was rebooted.
   */
  #restore(stored: ExecutionRecord): void {
    const history = new History(this.#files.historyPath(stored.arn));
    let record = stored;
    if (stored.status === 'RUNNING') {
      const { type, details } = TERMINAL_EVENTS.ABORTED;
      record = { ...stored, status: 'ABORTED', stoppedAt: Date.now(), cause: STOPPED_CAUSE };
      history.end(type, { [details]: { cause: STOPPED_CAUSE } });
      this.#files.saveExecution(record);
    }
    this.#entries.set(record.arn, { record, history });
  }
}
