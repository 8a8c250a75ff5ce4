import { EMBEDDED_ACCOUNT, EMBEDDED_REGION } from '../lambda/lambda-function.ts';

const PREFIX = `arn:aws:states:${EMBEDDED_REGION}:${EMBEDDED_ACCOUNT}`;

/** ARN of the state machine `name`. */
export function stateMachineArn(name: string): string {
  return `${PREFIX}:stateMachine:${name}`;
}

/** ARN of one execution of the state machine `machine`. */
export function executionArn(machine: string, name: string): string {
  return `${PREFIX}:execution:${machine}:${name}`;
}

/** A state machine reference taken apart; a qualifier is a version number or the name of an alias. */
export interface StateMachineReference {
  readonly name: string;
  readonly qualifier: string | undefined;
}

/** Reads a state machine ARN, with or without a version or alias; `undefined` when it is none. */
export function parseStateMachineArn(arn: string): StateMachineReference | undefined {
  const match = /^arn:aws[a-z-]*:states:[^:]*:\d{12}:stateMachine:([^:]+)(?::([^:]+))?$/.exec(arn);
  if (match?.[1] === undefined) return undefined;
  return { name: match[1], qualifier: match[2] };
}

/** Whether `arn` has the form of an execution ARN. */
export function isExecutionArn(arn: string): boolean {
  return /^arn:aws[a-z-]*:states:[^:]*:\d{12}:execution:[^:]+:[^:]+$/.test(arn);
}
