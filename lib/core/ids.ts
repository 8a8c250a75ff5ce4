/**
 * Names and units that were checked once. A brand costs nothing at run time; it is made by a
 * parsing function at the edge and trusted everywhere inside.
 */
declare const brand: unique symbol;
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** The folder name of a migration, such as `0002_add_billing`; ids are applied in text order. */
export type MigrationId = Branded<string, 'MigrationId'>;
/** One run of a plan, such as `0002_add_billing-k3x9`; also the prefix of its workflow names. */
export type ExecutionId = Branded<string, 'ExecutionId'>;
/** A step's name inside its migration, such as `add_total_cents`. */
export type StepId = Branded<string, 'StepId'>;
/** SHA-256, lowercase hex, over the canonical files of a migration. */
export type Checksum = Branded<string, 'Checksum'>;
/** SHA-256, lowercase hex, over the canonical JSON of a plan. Approvals bind to it. */
export type PlanHash = Branded<string, 'PlanHash'>;
/** SHA-256, lowercase hex, over the canonical picture of a schema. */
export type Fingerprint = Branded<string, 'Fingerprint'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Branded<number, 'EpochMs'>;
/** A length of time in milliseconds. */
export type DurationMs = Branded<number, 'DurationMs'>;
/** Grows with each runner that takes over a target; a smaller token may no longer write. */
export type FencingToken = Branded<number, 'FencingToken'>;

/** `0001_words_in_snake_case`: digits give the order, 60 characters keep workflow names under AWS's 80. */
export const MIGRATION_ID_PATTERN = /^[0-9]{4,14}_[a-z0-9]+(?:_[a-z0-9]+)*$/;
export const MIGRATION_ID_MAX_LENGTH = 60;
export const STEP_ID_PATTERN = /^[a-z][a-z0-9_]{0,62}$/;
const EXECUTION_ID_PATTERN = /^[0-9]{4,14}_[a-z0-9_]+-[a-z0-9]{4,12}$/;

export function parseMigrationId(text: string): MigrationId | undefined {
  const valid = MIGRATION_ID_PATTERN.test(text) && text.length <= MIGRATION_ID_MAX_LENGTH;
  return valid ? (text as MigrationId) : undefined;
}

export function parseStepId(text: string): StepId | undefined {
  return STEP_ID_PATTERN.test(text) ? (text as StepId) : undefined;
}

export function parseExecutionId(text: string): ExecutionId | undefined {
  return EXECUTION_ID_PATTERN.test(text) ? (text as ExecutionId) : undefined;
}

/** @param suffix 4 to 12 characters of `[a-z0-9]` that make this run of the migration unique */
export function executionIdOf(migrationId: MigrationId, suffix: string): ExecutionId {
  return `${migrationId}-${suffix}` as ExecutionId;
}

export const epochMs = (value: number): EpochMs => value as EpochMs;
export const durationMs = (value: number): DurationMs => value as DurationMs;
export const fencingToken = (value: number): FencingToken => value as FencingToken;

/** Ends an exhaustive switch: a new variant that nobody handles does not compile. */
export function assertNever(value: never): never {
  throw new TypeError(`unhandled variant ${JSON.stringify(value)}`);
}
