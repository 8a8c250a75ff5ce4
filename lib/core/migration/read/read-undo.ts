import type { Statement } from '../../sql/split.ts';
import { deriveUndo } from '../../sql/undo/derive-undo.ts';
import type { StatementDeclaration } from '../format/steps-format.ts';
import type { DeclaredUndo } from '../migration.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { nothingToUndo } from './nothing-to-undo.ts';
import { readSql, UNDO_SQL } from './read-sql.ts';
import { readStatements } from './read-statements.ts';
import { type Reading, reportAt } from './reading.ts';

/** The phases whose steps are statements of the author. */
export type StepPhase = 'expand' | 'validate' | 'contract' | 'finalize';

/**
 * One undo for each statement of a step, in the order of the statements; nothing when there is a
 * problem.
 *
 * @param statements undefined when the step's own SQL cannot be used; its undo is read all the same
 */
export function readUndo(
  reading: Reading,
  phase: StepPhase,
  path: ValuePath,
  declared: StatementDeclaration,
  statements: readonly Statement[] | undefined,
): readonly DeclaredUndo[] | undefined {
  const source = readSql(reading, path, declared, UNDO_SQL);
  const why = declared.irreversible;
  if (why !== undefined && !mayBeIrreversible(reading, phase, path, declared)) return undefined;
  if (source !== undefined) {
    const undo = readStatements(reading, source);
    const key = declared.undo === undefined ? 'undo_file' : 'undo';
    return undo && statements && pairUp(reading, [...path, key], statements, undo);
  }
  const promised = declared.undo !== undefined || declared.undo_file !== undefined;
  if (statements === undefined || promised) return undefined;
  if (why !== undefined) return statements.map(() => ({ kind: 'irreversible', why }));
  const nothing = statements.flatMap((statement) => nothingToUndo(statement) ?? []);
  if (nothing.length === statements.length) return nothing.map((why) => ({ kind: 'nothing', why }));
  reportMissing(reading, phase, path, declared.id, statements);
  return undefined;
}

function mayBeIrreversible(
  reading: Reading,
  phase: StepPhase,
  path: ValuePath,
  declared: StatementDeclaration,
): boolean {
  const also = declared.undo === undefined ? 'undo_file' : 'undo';
  if (declared[also] !== undefined) {
    reportAt(reading, [...path, 'irreversible'], {
      rule: 'one-of',
      message: `the step is irreversible and has ${also}`,
      expected: `irreversible or ${also}`,
      fix: `remove irreversible or ${also}`,
    });
    return false;
  }
  if (phase === 'finalize') return true;
  reportAt(reading, [...path, 'irreversible'], {
    rule: 'irreversible-step',
    message: `the step ${declared.id} of ${phase} is irreversible, but ${phase} must be able to go back`,
    expected: 'an undo; only finalize is beyond the way back',
    fix: 'move it to finalize',
  });
  return false;
}

/**
 * Undo runs newest first, so the first statement of the undo takes back the last statement of the
 * step. Statements that leave nothing behind may be left out of the undo, all or none of them.
 */
function pairUp(
  reading: Reading,
  path: ValuePath,
  statements: readonly Statement[],
  undo: readonly Statement[],
): readonly DeclaredUndo[] | undefined {
  const reasons = statements.map(nothingToUndo);
  const withUndo = statements.filter(
    (_, index) => undo.length === statements.length || reasons[index] === undefined,
  );
  if (undo.length !== withUndo.length) {
    reportAt(reading, path, {
      rule: 'undo-count',
      message: `the step has ${counted(statements.length)}, its undo has ${counted(undo.length)}`,
      expected:
        'as many statements in the undo as in the step, newest first: the first one takes back the last one of the step',
      fix: 'write one undo for each statement, or split the step into steps of one statement',
    });
    return undefined;
  }
  return statements.map((statement, index): DeclaredUndo => {
    const position = withUndo.indexOf(statement);
    const sql = position < 0 ? undefined : undo[undo.length - 1 - position]?.text;
    return sql === undefined
      ? { kind: 'nothing', why: reasons[index] ?? '' }
      : { kind: 'statement', sql };
  });
}

function counted(statements: number): string {
  return statements === 1 ? '1 statement' : `${statements} statements`;
}

function reportMissing(
  reading: Reading,
  phase: StepPhase,
  path: ValuePath,
  id: string,
  statements: readonly Statement[],
): void {
  const suggestion = suggestUndo(statements);
  const irreversible = phase === 'finalize' ? 'irreversible: <what is lost>' : undefined;
  const fix = suggestion === undefined ? irreversible : `undo: ${suggestion}`;
  reportAt(reading, path, {
    rule: 'missing-undo',
    message: `the step ${id} of ${phase} does not say how to take it back`,
    expected: phase === 'finalize' ? 'undo, undo_file or irreversible' : 'undo or undo_file',
    ...(fix !== undefined && { fix }),
  });
}

/** What takes all of them back, newest first; nothing unless every part can be derived. */
function suggestUndo(statements: readonly Statement[]): string | undefined {
  const needed = statements.filter((statement) => nothingToUndo(statement) === undefined);
  const undos = needed.map(deriveUndo);
  return undos.includes(undefined) ? undefined : undos.toReversed().join('; ');
}
