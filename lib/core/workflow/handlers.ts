/**
 * The Lambda functions of the workflow, by the name of their file `lambdas/<name>.lambda.ts`.
 * The constructs make one function of each and the embedded runtime finds them by the same names.
 */
export const HANDLER_NAMES = [
  'prepare',
  'snapshot',
  'expand',
  'open-gate',
  'backfill',
  'validate',
  'contract',
  'finalize',
  'rollback',
  'finish',
  'decide-gate',
] as const;
export type HandlerName = (typeof HANDLER_NAMES)[number];

/** What people, pipelines and rules invoke; the state machine invokes all the others, and none of these. */
export const OUTSIDE_HANDLERS: readonly HandlerName[] = ['decide-gate'];

/**
 * What each function may touch. The constructs turn it into the least privilege that works, so
 * this table is the one place where a handler gains a capability.
 *
 * - `sql`: statements on the target through the Data API (and its secret)
 * - `control`: the control table
 * - `snapshot`: create and describe cluster snapshots, describe the cluster
 * - `wake`: SendTaskSuccess on the state machine
 * - `events`: PutEvents
 */
export type Capability = 'sql' | 'control' | 'snapshot' | 'wake' | 'events';

export const HANDLER_CAPABILITIES: Readonly<Record<HandlerName, readonly Capability[]>> = {
  prepare: ['sql', 'control', 'events'],
  snapshot: ['control', 'snapshot', 'events'],
  expand: ['sql', 'control', 'events'],
  'open-gate': ['control', 'events'],
  backfill: ['sql', 'control', 'events'],
  validate: ['sql', 'control', 'events'],
  contract: ['sql', 'control', 'events'],
  finalize: ['sql', 'control', 'events'],
  rollback: ['sql', 'control', 'events'],
  finish: ['control', 'events'],
  'decide-gate': ['control', 'wake', 'events'],
};

/** Environment variables of the handlers: set by the construct, read by lib/aws/wiring. */
export const HANDLER_ENVIRONMENT = {
  clusterArn: 'LOCKKEEPER_CLUSTER_ARN',
  clusterIdentifier: 'LOCKKEEPER_CLUSTER_IDENTIFIER',
  secretArn: 'LOCKKEEPER_SECRET_ARN',
  database: 'LOCKKEEPER_DATABASE',
  controlTable: 'LOCKKEEPER_CONTROL_TABLE',
  controlKey: 'LOCKKEEPER_CONTROL_KEY',
  eventBus: 'LOCKKEEPER_EVENT_BUS',
} as const;

/**
 * How long one function call may take, and how long it works before it hands back `continue`.
 * Lambda allows 900 s. A call that starts a step just before its budget ends needs room for that
 * step: the longest single call is one Data API statement (45 s) plus a lock attempt (about 10 s)
 * plus the checkpoint, so 120 s of room is more than twice what is needed.
 */
export const HANDLER_TIMEOUT_SECONDS = 900;
export const HANDLER_WORK_BUDGET_SECONDS = 780;
