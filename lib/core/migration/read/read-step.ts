import { type Allowance, allowancesIn } from '../../hazards/allowances.ts';
import { parseStepId, type StepId } from '../../ids.ts';
import type { Statement } from '../../sql/split.ts';
import type { StatementDeclaration } from '../format/steps-format.ts';
import type { DeclaredStatement, DeclaredUndo } from '../migration.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { readSql, STEP_SQL } from './read-sql.ts';
import { readStatements } from './read-statements.ts';
import { readUndo, type StepPhase } from './read-undo.ts';
import { type Reading, reportAt } from './reading.ts';

/** The statements of a step, each with its undo; a step with several becomes `<id>_1`, `<id>_2`. */
export function readStep(
  reading: Reading,
  phase: StepPhase,
  path: ValuePath,
  declared: StatementDeclaration,
): readonly DeclaredStatement[] {
  const source = readSql(reading, path, declared, STEP_SQL);
  if (source === undefined && declared.sql === undefined && declared.file === undefined) {
    reportAt(reading, path, {
      rule: 'missing-key',
      message: `the step ${declared.id} has no SQL`,
      expected: 'sql or file',
    });
  }
  const statements = source && readStatements(reading, source);
  const undos = readUndo(reading, phase, path, declared, statements);
  if (source === undefined || statements === undefined || undos === undefined) return [];
  const ids = stepIds(reading, path, declared.id, statements);
  const allowances = allowancesIn(reading.parser, source.sql, statements);
  return statements.map((statement, index) => ({
    kind: 'statement',
    stepId: ids[index] ?? (declared.id as StepId),
    sql: statement.text,
    ...allowedAt(allowances, index),
    undo: undos[index] as DeclaredUndo,
    location: source.locationOf(statement.start),
  }));
}

/** A comment that stands before no statement is given to the first, so that it is judged as well. */
function allowedAt(
  allowances: readonly Allowance[],
  index: number,
): Pick<DeclaredStatement, 'allowed'> {
  const allowed = allowances
    .filter(({ statementIndex = 0 }) => statementIndex === index)
    .map(({ rule, reason }) => ({ rule, reason }));
  return allowed.length === 0 ? {} : { allowed };
}

function stepIds(
  reading: Reading,
  path: ValuePath,
  declaredId: string,
  statements: readonly Statement[],
): readonly StepId[] {
  if (statements.length === 1) return [declaredId as StepId];
  const last = `${declaredId}_${statements.length}`;
  if (parseStepId(last) === undefined) {
    reportAt(reading, [...path, 'id'], {
      rule: 'long-step-id',
      message: `the step has ${statements.length} statements and ${last} is longer than 63 characters`,
      expected: 'a shorter id, or steps of one statement each',
    });
  }
  return statements.map((_, index) => `${declaredId}_${index + 1}` as StepId);
}
