import { z } from 'zod';
import { STEP_ID_PATTERN } from '../../ids.ts';
import { part, text, textLike } from './vocabulary.ts';

/** The name of a step, unique in its migration. */
export const StepIdFormat = textLike(
  STEP_ID_PATTERN,
  'a name in snake_case that starts with a letter, at most 63 characters, such as add_total_cents',
).meta({
  description: 'Name of the step, unique in the migration.',
  examples: ['add_total_cents'],
});

const SqlFormat = text('SQL text').describe(
  'One SQL statement, or several separated by semicolons.',
);
const FileFormat = text('the path of a .sql file inside the migration folder').meta({
  description: 'A .sql file, relative to the folder of the migration and inside it.',
  examples: ['expand/sync.sql'],
});
const UndoFormat = text('SQL text').describe(
  'What takes the step back: for each statement of the step one statement, newest first.',
);

/** Exactly one of these keys; said again with better words where the step is read. */
const exactlyOne = (...keys: readonly string[]) => ({
  oneOf: keys.map((key) => ({ required: [key] })),
});

/** A step of `expand`, `validate` or `contract`. */
export const StatementFormat = part('a step with an id, sql (or file) and undo (or undo_file)', {
  id: StepIdFormat,
  sql: SqlFormat.optional(),
  file: FileFormat.optional(),
  undo: UndoFormat.optional(),
  undo_file: FileFormat.optional(),
  irreversible: text('a text that says what is lost')
    .describe('Only in finalize: what cannot be brought back except from a snapshot.')
    .optional(),
}).meta({
  id: 'statement',
  description: 'A step that runs SQL.',
  ...exactlyOne('sql', 'file'),
});

/** A question to the database and its right answer. */
export const CheckFormat = part('a check with an id, a query and what it should return', {
  id: StepIdFormat,
  query: text('one SELECT').describe('One query that reads and changes nothing.'),
  expect: z
    .union([z.string(), z.number(), z.boolean(), z.null()], {
      error: 'the one value the query should return, or the words: no rows',
    })
    .meta({
      description:
        'The value of the single row and column that the query should return; `no rows` when it should find nothing.',
      examples: [0, true, 'no rows'],
    }),
}).meta({ id: 'check', description: 'A query with its right answer.' });

/**
 * A step of `validate`: a check when it has `query` or `expect`, otherwise a statement. Decided
 * here and not by a union, so that a mistake is explained in terms of what was meant.
 */
export const ValidationFormat = z
  .unknown()
  .transform((found, context): CheckDeclaration | StatementDeclaration => {
    const result = isCheck(found) ? CheckFormat.safeParse(found) : StatementFormat.safeParse(found);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  })
  .meta({ anyOf: [{ $ref: '#/$defs/check' }, { $ref: '#/$defs/statement' }] });

/** Whether an entry of `validate` is meant as a check. */
export function isCheck(found: unknown): boolean {
  return typeof found === 'object' && found !== null && ('query' in found || 'expect' in found);
}

export type StatementDeclaration = z.output<typeof StatementFormat>;
export type CheckDeclaration = z.output<typeof CheckFormat>;
