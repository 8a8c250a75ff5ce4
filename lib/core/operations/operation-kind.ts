import type { z } from 'zod';
import type { MigrationId } from '../ids.ts';
import type { SqlParser } from '../sql/parser.ts';
import type { Lowered } from './lowered.ts';
import type { SchemaModel } from './schema-model.ts';

/** One declarative operation: how it is written, and what it comes down to on a given schema. */
export interface OperationKind<Declared = unknown> {
  /** As it is written in `operations`, such as `add_column`. */
  readonly name: string;
  /** Its keys; those of pgroll where pgroll has the operation. */
  readonly format: z.ZodType<Declared>;
  /**
   * Pure: the same operation on the same schema always gives the same steps.
   * Never throws for what an author may write: refusals are values.
   */
  lower(declared: Declared, context: LoweringContext): LoweringOutcome;
}

export interface LoweringContext {
  readonly parser: SqlParser;
  readonly migrationId: MigrationId;
  /** The schema as the operations before this one leave it. */
  readonly model: SchemaModel;
  /** The schema as it is before the migration: what the old application sees. */
  readonly before: SchemaModel;
  /** The schema of views for the new version; undefined unless `versioned_schema: true`. */
  readonly versionSchema: string | undefined;
}

export type LoweringOutcome = { readonly kind: 'lowered'; readonly lowered: Lowered } | Refusal;

/** Why an operation cannot be done here, and what to write instead. */
export interface Refusal {
  readonly kind: 'refused';
  /** Lowercase, names the object: `there is no table orders`. */
  readonly why: string;
  readonly fix?: string;
  /** The key of the operation that is wrong, such as `['column', 'name']`. @default - the operation */
  readonly path?: readonly (string | number)[];
}

export function lowered(value: Lowered): LoweringOutcome {
  return { kind: 'lowered', lowered: value };
}

export function refuse(why: string, more: Omit<Refusal, 'kind' | 'why'> = {}): Refusal {
  return { kind: 'refused', why, ...more };
}

/** Keeps the type of `Declared` while the registry holds all of them alike. */
export function operationKind<Declared>(kind: OperationKind<Declared>): OperationKind<Declared> {
  return kind;
}
