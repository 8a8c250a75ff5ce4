import type { z } from 'zod';
import { flag, part, text } from '../migration/format/vocabulary.ts';
import { nothingToUndo } from '../migration/read/nothing-to-undo.ts';
import { type Statement, split } from '../sql/split.ts';
import { deriveUndo } from '../sql/undo/derive-undo.ts';
import { isRefusal } from './find-table.ts';
import type { StepDraft, UndoDraft } from './lowered.ts';
import {
  type LoweringContext,
  type LoweringOutcome,
  lowered,
  operationKind,
  type Refusal,
  refuse,
} from './operation-kind.ts';

const Format = part('a mapping with up', {
  up: text('one SQL statement or several'),
  down: text('SQL that takes up back')
    .optional()
    .describe('@default - derived, where every statement of up says how to take it back'),
  onComplete: flag()
    .default(false)
    .describe('Run in contract, or in finalize when there is no way back. @default false'),
}).meta({
  id: 'sql',
  description:
    'Statements of your own, each a step. Operations after it do not know what they made.',
});

/**
 * Each statement is a step. With as many statements in `down` as there are to take back, each has
 * its own, newest first; otherwise the step that is undone last runs all of `down`, in its order.
 *
 * What the statements do is not in the model: the operations after it meet the schema without it.
 */
export const sql = operationKind({
  name: 'sql',
  format: Format,
  lower: (declared: z.output<typeof Format>, context: LoweringContext): LoweringOutcome => {
    const up = statementsIn(declared.up, context, 'up');
    if (isRefusal(up)) return up;
    const undos =
      declared.down === undefined ? derivedUndos(up) : declaredUndos(up, declared.down, context);
    if (undos !== undefined && isRefusal(undos)) return undos;
    const after = context.model;
    if (undos !== undefined) {
      const steps = up.map((statement, index) => stepOf(statement, index, up, undos[index]));
      return lowered(declared.onComplete ? { contract: steps, after } : { expand: steps, after });
    }
    if (declared.onComplete) {
      const why = 'it was written with onComplete and without down';
      const undo = { kind: 'irreversible', why } as const;
      return lowered({ finalize: up.map((each, index) => stepOf(each, index, up, undo)), after });
    }
    return refuse(`nothing takes back: ${up.find(cannotTell)?.text}`, {
      path: ['up'],
      fix: 'write down, or onComplete: true to run it when there is no way back any more',
    });
  },
});

function statementsIn(
  written: string,
  { parser }: LoweringContext,
  key: 'up' | 'down',
): readonly Statement[] | Refusal {
  const outcome = split(parser, written);
  if (outcome.kind === 'syntax-error') {
    const { message, line, column } = outcome;
    return refuse(`${message}, in line ${line}, column ${column} of ${key}`, { path: [key] });
  }
  return outcome.statements.length > 0
    ? outcome.statements
    : refuse(`${key} has no statement`, { path: [key] });
}

/** Undefined unless all of them can be told. */
function derivedUndos(up: readonly Statement[]): readonly UndoDraft[] | undefined {
  if (up.some(cannotTell)) return undefined;
  return up.map(
    (statement) => nothing(statement) ?? { kind: 'statement', sql: derived(statement) },
  );
}

function cannotTell(statement: Statement): boolean {
  return nothingToUndo(statement) === undefined && deriveUndo(statement) === undefined;
}

function derived(statement: Statement): string {
  return deriveUndo(statement) ?? '';
}

function nothing(statement: Statement): UndoDraft | undefined {
  const why = nothingToUndo(statement);
  return why === undefined ? undefined : { kind: 'nothing', why };
}

function declaredUndos(
  up: readonly Statement[],
  written: string,
  context: LoweringContext,
): readonly UndoDraft[] | Refusal {
  const down = statementsIn(written, context, 'down');
  if (isRefusal(down)) return down;
  const needed = up.filter((statement) => nothingToUndo(statement) === undefined);
  if (needed.length === down.length) {
    const newestFirst = down.toReversed();
    return up.map(
      (statement): UndoDraft =>
        nothing(statement) ?? {
          kind: 'statement',
          sql: newestFirst[needed.indexOf(statement)]?.text ?? '',
        },
    );
  }
  return allAtOnce(up, down);
}

function allAtOnce(
  up: readonly Statement[],
  down: readonly Statement[],
): readonly UndoDraft[] | Refusal {
  const alone = down.find(cannotBeTogether);
  if (alone !== undefined && down.length > 1) {
    return refuse(`this statement of down cannot run together with others: ${alone.text}`, {
      path: ['down'],
      fix: 'write as many statements in down as in up, newest first, or an operation for each',
    });
  }
  const [first, ...others] = down.map((statement) => statement.text);
  const together = others.length === 0 ? {} : { together: others };
  return up.map(
    (_, index): UndoDraft =>
      index === 0
        ? { kind: 'statement', sql: first ?? '', ...together }
        : { kind: 'nothing', why: 'down takes all statements of up back at once' },
  );
}

/** PostgreSQL refuses these inside a transaction. */
function cannotBeTogether({ node, text: written }: Statement): boolean {
  const concurrently = /\bconcurrently\b/i.test(written);
  return 'VacuumStmt' in node || (concurrently && !('ViewStmt' in node));
}

function stepOf(
  { text: written }: Statement,
  index: number,
  all: readonly Statement[],
  undo: UndoDraft = { kind: 'nothing', why: '' },
): StepDraft {
  const id = all.length === 1 ? 'run' : `run_${index + 1}`;
  return { kind: 'statement', id, sql: written, undo };
}
