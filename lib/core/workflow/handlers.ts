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
  'receive-signal',
  'restore-cluster',
  'restore-verify',
  'restore-takeover',
  'sweep',
] as const;
export type HandlerName = (typeof HANDLER_NAMES)[number];

/** What people, pipelines and rules invoke; the state machine invokes all the others, and none of these. */
export const OUTSIDE_HANDLERS: readonly HandlerName[] = ['decide-gate', 'receive-signal', 'sweep'];

/** What the state machine of restores invokes and the one of migrations does not. */
export const RESTORE_HANDLERS: readonly HandlerName[] = [
  'restore-cluster',
  'restore-verify',
  'restore-takeover',
];

/**
 * What each function may touch. The constructs turn it into the least privilege that works, so
 * this table is the one place where a handler gains a capability.
 *
 * - `sql`: statements on the target through the Data API (and its secret)
 * - `control`: the control table
 * - `snapshot`: create and describe cluster snapshots, describe the cluster
 * - `identify`: ask STS whose proof something is, which needs no permission of its own
 * - `list`: the list of executions in the control table
 * - `restore`: make a cluster of a snapshot or of a time, with an instance and the Data API
 * - `restored-sql`: statements on a restored cluster
 * - `look`: describe clusters and instances
 * - `take-over`: rename, protect and tag the cluster and a restored one, toggle their Data API
 * - `sweep`: list clusters, delete restored ones that carry the tag of their expiry
 * - `measure`: CPU, capacity and local storage of the writer from CloudWatch, where the stack has it turned on
 * - `wake`: SendTaskSuccess on the state machine
 * - `events`: PutEvents
 */
export type Capability =
  | 'sql'
  | 'control'
  | 'list'
  | 'snapshot'
  | 'restore'
  | 'restored-sql'
  | 'look'
  | 'take-over'
  | 'sweep'
  | 'identify'
  | 'measure'
  | 'wake'
  | 'events';

export const HANDLER_CAPABILITIES: Readonly<Record<HandlerName, readonly Capability[]>> = {
  prepare: ['sql', 'control', 'identify', 'measure', 'events'],
  snapshot: ['sql', 'control', 'snapshot', 'events'],
  expand: ['sql', 'control', 'measure', 'events'],
  'open-gate': ['sql', 'control', 'measure', 'events'],
  backfill: ['sql', 'control', 'measure', 'events'],
  validate: ['sql', 'control', 'measure', 'events'],
  contract: ['sql', 'control', 'measure', 'events'],
  finalize: ['sql', 'control', 'events'],
  rollback: ['sql', 'control', 'events'],
  finish: ['control', 'events'],
  'decide-gate': ['control', 'identify', 'wake', 'events'],
  'receive-signal': ['control', 'wake', 'events'],
  'restore-cluster': ['control', 'restore', 'identify', 'events'],
  'restore-verify': ['sql', 'restored-sql', 'look', 'control', 'list', 'events'],
  'restore-takeover': ['control', 'take-over', 'events'],
  sweep: ['control', 'list', 'sweep', 'events'],
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
  fourEyes: 'LOCKKEEPER_FOUR_EYES',
} as const;

/** `on` where signals of the throttle are read from CloudWatch too; anything else is off. */
export const HOST_METRICS = 'LOCKKEEPER_HOST_METRICS';

/** Why no snapshot can be taken of the target; set by the embedded AWS for a database that it does not run. */
export const WITHOUT_SNAPSHOTS = 'LOCKKEEPER_WITHOUT_SNAPSHOTS';

/**
 * Whether who started an execution may approve it: never, or as its environment's settings say,
 * which come from the project of whoever started it.
 */
export const FOUR_EYES = ['required', 'as-configured'] as const;
export type FourEyes = (typeof FOUR_EYES)[number];

/**
 * How long one function call may take, and how long it works before it hands back `continue`.
 * Lambda allows 900 s. A call that starts a step just before its budget ends needs room for that
 * step: the longest single call is one Data API statement (45 s) plus a lock attempt (about 10 s)
 * plus the checkpoint, so 120 s of room is more than twice what is needed.
 */
export const HANDLER_TIMEOUT_SECONDS = 900;
export const HANDLER_WORK_BUDGET_SECONDS = 780;
