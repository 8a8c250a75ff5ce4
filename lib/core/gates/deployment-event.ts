import { z } from 'zod';
import { type ExecutionId, type MigrationId, parseExecutionId, parseMigrationId } from '../ids.ts';

/** Source of the event that a pipeline of any kind can put on the bus; `docs/runbook.md` shows it. */
export const SIGNAL_SOURCE = 'lockkeeper.signal';

/** Of a signal's name, in characters. */
export const MAX_SIGNAL_LENGTH = 100;

/**
 * What a rule hands over about a deployment of an AWS service. The rule knows which signal it is;
 * the rest is taken from the event.
 */
export interface DeploymentMessage {
  readonly signal: string;
  /** EventBridge's own id, the same for each delivery of one event. */
  readonly id: string;
  /** Such as `aws.ecs`. */
  readonly source: string;
  /** The service's name of the deployment, for the audit trail. */
  readonly version: string;
}

/** A deployment that happened, whoever told us. */
export interface DeploymentEvent {
  readonly signalId: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly by: string;
  /** Which execution it is meant for; undefined: whichever is under way. */
  readonly executionId: ExecutionId | undefined;
  /** Meant for executions of this migration alone. */
  readonly migrationId: MigrationId | undefined;
}

const name = z.string().min(1).max(MAX_SIGNAL_LENGTH);
const identifier = z.string().min(1).max(200);

const message = z.strictObject({
  signal: name,
  id: identifier,
  source: z.string().min(1).max(100),
  version: z.string().max(200),
}) satisfies z.ZodType<DeploymentMessage>;

const custom = z.object({
  id: identifier,
  source: z.literal(SIGNAL_SOURCE),
  detail: z
    .strictObject({
      executionId: parsed(parseExecutionId, 'an execution id').optional(),
      migrationId: parsed(parseMigrationId, 'a migration id').optional(),
      name,
      version: z.string().max(200).optional(),
      id: identifier.optional(),
    })
    .refine(
      ({ executionId, migrationId }) => executionId !== undefined || migrationId !== undefined,
      'names neither executionId nor migrationId',
    ),
});

export type ParsedDeploymentEvent =
  | { readonly kind: 'valid'; readonly value: DeploymentEvent }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Reads what a rule of `DeploymentSignals` delivers: its own message, or a custom event as it was put. */
export function parseDeploymentEvent(event: unknown): ParsedDeploymentEvent {
  const ours = message.safeParse(event);
  if (ours.success) {
    const { id, signal, source, version } = ours.data;
    return {
      kind: 'valid',
      value: {
        signalId: id,
        name: signal,
        version,
        by: `EventBridge ${source}`,
        executionId: undefined,
        migrationId: undefined,
      },
    };
  }
  const theirs = custom.safeParse(event);
  if (!theirs.success) return { kind: 'invalid', reason: z.prettifyError(theirs.error) };
  const { id, source, detail } = theirs.data;
  return {
    kind: 'valid',
    value: {
      // A pipeline that puts its event again gets another event id, but keeps its own.
      signalId: detail.id ?? id,
      name: detail.name,
      version: detail.version,
      by: `EventBridge ${source}`,
      executionId: detail.executionId,
      migrationId: detail.migrationId,
    },
  };
}

function parsed<T>(parse: (text: string) => T | undefined, expected: string) {
  return z.string().transform((text, context) => {
    const value = parse(text);
    if (value === undefined) context.addIssue({ code: 'custom', message: `not ${expected}` });
    return value ?? z.NEVER;
  });
}
