import type { StepId } from '../../ids.ts';
import type { BackfillDeclaration } from '../format/backfill-format.ts';
import type { BackfillWork, DeclaredBackfill, DeclaredUndo } from '../migration.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { type Creations, describeWrite, type Write, writeBeyond } from './creations.ts';
import { readBackfillSql } from './read-backfill-sql.ts';
import { readBackfillUpdate } from './read-backfill-update.ts';
import { readParity } from './read-parity.ts';
import { readSql, UNDO_SQL } from './read-sql.ts';
import { readStatements } from './read-statements.ts';
import { type Reading, reportAt } from './reading.ts';

/** What a backfill does and where it writes. */
export interface WorkRead {
  readonly work: BackfillWork;
  readonly writes: readonly Write[];
}

/** With a pace, its own or that of the migration. */
export type PacedDeclaration = BackfillDeclaration & Required<Pick<BackfillDeclaration, 'batch'>>;

/**
 * @param creations what this migration's expand made: writing there needs no undo of its own;
 *   undefined when expand has problems, which are then solved first
 */
export function readBackfill(
  reading: Reading,
  path: ValuePath,
  declared: PacedDeclaration,
  creations: Creations | undefined,
): readonly DeclaredBackfill[] {
  const kinds = (['set', 'sql', 'file'] as const).filter((key) => declared[key] !== undefined);
  if (kinds.length !== 1) {
    reportAt(reading, path, {
      rule: kinds.length === 0 ? 'missing-key' : 'one-of',
      message: `the backfill ${declared.id} has ${kinds.length === 0 ? 'no work' : kinds.join(' and ')}`,
      expected: 'one of set, sql and file',
    });
  }
  const read =
    declared.set === undefined
      ? readBackfillSql(reading, path, declared)
      : readBackfillUpdate(reading, path, declared, declared.set);
  const undo = readUndoOf(reading, path, declared, read, creations);
  const parity = readParity(reading, path, declared);
  if (read === undefined || undo === undefined) return [];
  return [
    {
      kind: 'backfill',
      stepId: declared.id as StepId,
      table: declared.table,
      work: read.work,
      pacing: declared.batch,
      ...(parity !== undefined && { parity }),
      undo,
      location: reading.document.locationOf(path),
    },
  ];
}

function readUndoOf(
  reading: Reading,
  path: ValuePath,
  declared: BackfillDeclaration,
  read: WorkRead | undefined,
  creations: Creations | undefined,
): DeclaredUndo | undefined {
  const source = readSql(reading, path, declared, UNDO_SQL);
  if (source !== undefined) {
    const statements = readStatements(reading, source);
    const [first, second] = statements ?? [];
    if (second === undefined) return first && { kind: 'statement', sql: first.text };
    reading.problems.push(
      source.problemAt(second.start, {
        rule: 'undo-count',
        message: `the undo of a backfill is one statement, this one has ${statements?.length}`,
        expected: 'one statement',
      }),
    );
    return undefined;
  }
  if (read === undefined || creations === undefined || declared.undo_file !== undefined) {
    return undefined;
  }
  const existing = read.writes.flatMap((write) => writeBeyond(creations, write) ?? []);
  if (existing.length === 0) {
    const where = read.writes.map(describeWrite).join(', ');
    return { kind: 'nothing', why: `it writes only what expand created: ${where}` };
  }
  reportAt(reading, path, {
    rule: 'missing-undo',
    message: `the backfill ${declared.id} writes ${existing.map(describeWrite).join(', ')}, which this migration's expand did not create`,
    expected: 'undo or undo_file, or writes only to what expand created',
  });
  return undefined;
}
