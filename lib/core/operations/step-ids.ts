import { createHash } from 'node:crypto';
import type { StepId } from '../ids.ts';
import { DEFAULT_PACING } from '../migration/format/backfill-format.ts';
import type {
  DeclaredBackfill,
  DeclaredCheck,
  DeclaredOperation,
  DeclaredStatement,
  Migration,
  Pacing,
  SourceLocation,
} from '../migration/migration.ts';
import type { BackfillDraft, CheckDraft, StepDraft } from './lowered.ts';

/** STEP_ID_PATTERN allows 63 characters. */
const MAX_LENGTH = 63;
const HASH_LENGTH = 8;

/** Gives the steps of operations their ids: readable, unique, the same each time. */
export class StepIds {
  readonly #taken: Set<string>;
  /** Of all backfills that operations make. */
  readonly pacing: Pacing;

  constructor(migration: Migration) {
    const { assertions, expand, backfill, validate, contract, finalize } = migration;
    const written = [assertions, expand, backfill, validate, contract, finalize].flat();
    this.pacing = migration.pacing ?? DEFAULT_PACING;
    this.#taken = new Set(written.map(({ stepId }) => stepId));
  }

  statement(draft: StepDraft, operation: DeclaredOperation, index: number): DeclaredStatement {
    const id = this.unique(`${operation.name}_${index + 1}_${draft.id}`);
    return toDeclared(draft, id, operation.location);
  }

  backfill(draft: BackfillDraft, operation: DeclaredOperation, index: number): DeclaredBackfill {
    return {
      kind: 'backfill',
      stepId: this.unique(`${operation.name}_${index + 1}_${draft.id}`),
      table: draft.table,
      work: draft.work,
      pacing: this.pacing,
      ...(draft.parity !== undefined && { parity: draft.parity }),
      undo: MADE_IN_EXPAND,
      location: operation.location,
    };
  }

  check(draft: CheckDraft, operation: DeclaredOperation, index: number): DeclaredCheck {
    const { query, expect } = draft;
    const stepId = this.unique(`${operation.name}_${index + 1}_${draft.id}`);
    return { kind: 'check', stepId, query, expect, location: operation.location };
  }

  /** An id in snake_case made of any text; a text that was cut or changed gets a hash of the whole. */
  unique(text: string): StepId {
    const plain = slug(text);
    for (let number = 1; ; number += 1) {
      const id = number === 1 ? plain : withSuffix(plain, String(number));
      if (this.#taken.has(id)) continue;
      this.#taken.add(id);
      return id as StepId;
    }
  }
}

/** The undo of a backfill that writes only what expand made. */
export const MADE_IN_EXPAND: DeclaredBackfill['undo'] = {
  kind: 'nothing',
  why: 'it writes only what expand made',
};

function slug(text: string): string {
  const plain = text.toLowerCase().replace(/[^a-z0-9_]+/g, '_');
  if (plain === text && plain.length <= MAX_LENGTH) return plain;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return withSuffix(plain, hash);
}

function withSuffix(text: string, suffix: string): string {
  return `${text.slice(0, MAX_LENGTH - suffix.length - 1)}_${suffix}`;
}

export function toDeclared(
  { sql, together, undo, allowed }: StepDraft,
  stepId: StepId,
  location: SourceLocation,
): DeclaredStatement {
  return {
    kind: 'statement',
    stepId,
    sql,
    ...(together !== undefined && together.length > 0 && { together }),
    ...(allowed !== undefined && { allowed }),
    undo,
    location,
  };
}
