import { randomUUID } from 'node:crypto';
import { AwsError } from '../http/aws-error.ts';
import { parseStateMachineArn, stateMachineArn } from './arns.ts';
import { parseDefinition } from './definition.ts';
import type { RecordFiles } from './record-files.ts';
import type { StateMachineRecord } from './records.ts';
import type { Definition } from './states-language.ts';

/** A state machine that an ARN led to. */
export interface FoundStateMachine {
  readonly record: StateMachineRecord;
  readonly definition: Definition;
  /** The version or alias in the ARN. */
  readonly qualifier: string | undefined;
}

/** The state machines of the account. Running executions keep the definition that they were started with. */
export class StateMachines {
  readonly #files: RecordFiles;
  readonly #machines = new Map<string, StateMachineRecord>();

  constructor(files: RecordFiles) {
    this.#files = files;
    for (const machine of files.machines()) this.#machines.set(machine.name, machine);
  }

  /**
   * Creates `name`, or updates it in place: deploying is one call here, where CloudFormation would choose between
   * `CreateStateMachine` and `UpdateStateMachine`.
   */
  put(name: string, definition: string, roleArn: string): StateMachineRecord {
    parseDefinition(definition);
    const now = Date.now();
    const previous = this.#machines.get(name);
    const record: StateMachineRecord = {
      name,
      arn: stateMachineArn(name),
      definition,
      roleArn,
      createdAt: previous?.createdAt ?? now,
      updatedAt: now,
      revisionId: randomUUID(),
    };
    this.#files.saveMachine(record);
    this.#machines.set(name, record);
    return record;
  }

  /** Finds by ARN, with or without a version or alias; there is one definition behind all of them. */
  find(arn: string): FoundStateMachine {
    const reference = parseStateMachineArn(arn);
    if (reference === undefined) throw new AwsError('InvalidArn', 400, `Invalid Arn: '${arn}'`);
    const record = this.#machines.get(reference.name);
    if (record === undefined) {
      throw new AwsError('StateMachineDoesNotExist', 400, `State Machine Does Not Exist: '${arn}'`);
    }
    const definition = JSON.parse(record.definition) as Definition; // validated by put()
    return { record, definition, qualifier: reference.qualifier };
  }

  /** All of them, by name. */
  list(): readonly StateMachineRecord[] {
    return [...this.#machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
