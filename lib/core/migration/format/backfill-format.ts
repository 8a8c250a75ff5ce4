import { z } from 'zod';
import { MAX_BYTES } from '../../backfill/bytes.ts';
import type { Pacing } from '../migration.ts';
import { StatementFormat, StepIdFormat } from './steps-format.ts';
import { count, duration, listOf, part, size, text, textLike, word } from './vocabulary.ts';
import { WindowFormat } from './windows-format.ts';

/** An identifier, plain (`invoices`) or quoted (`"Invoices"`). */
const IDENTIFIER = '(?:[a-z_][a-z0-9_$]*|"(?:[^"]|"")+")';
const TABLE_PATTERN = new RegExp(String.raw`^${IDENTIFIER}(?:\.${IDENTIFIER})?$`);
const COLUMN_PATTERN = new RegExp(`^${IDENTIFIER}$`);

/** How many rows one batch may hold at most; a batch is one transaction and must stay short. */
const BATCH_ROWS_LIMIT = 1_000_000;

/** Each is a transaction that others may wait for, and a share of what the target can write. */
const WORKERS_LIMIT = 8;

/** Hours with little traffic, in which batches may be longer. */
const QuietFormat = part('a mapping with hours, such as {target: 250ms, hours: [...]}', {
  target: duration()
    .prefault('250ms')
    .describe('What one batch should take in these hours. @default 250ms'),
  hours: listOf('a list of windows', WindowFormat, 1).describe('When it is quiet.'),
})
  .transform(({ target, hours }) => ({ targetBatchMs: target, hours }))
  .meta({ id: 'quiet', description: 'Hours in which batches may be longer.' });

/** How a backfill is paced. */
export const BatchFormat = part('a mapping such as {target: 100ms, max_rows: 50000}', {
  target: duration()
    .prefault('100ms')
    .describe('What one batch should take; batches grow and shrink towards it. @default 100ms'),
  min_rows: count('a whole number from 1 to 1000000', 1, BATCH_ROWS_LIMIT)
    .default(100)
    .describe('A batch never has fewer rows. @default 100'),
  max_rows: count('a whole number from 1 to 1000000', 1, BATCH_ROWS_LIMIT)
    .default(50_000)
    .describe('A batch never has more rows. @default 50000'),
  max_bytes: size('64kB', '1GB')
    .prefault('16MB')
    .describe(
      'A batch never writes more, by the average row, whatever min_rows says. @default 16MB',
    ),
  pause: duration().prefault('0ms').describe('Idle time between two batches. @default 0ms'),
  quarantine_limit: count('a whole number from 0 to 1000000', 0, BATCH_ROWS_LIMIT)
    .default(0)
    .describe('How many rows may be set aside before the backfill fails. @default 0'),
  workers: count('a whole number from 1 to 8', 1, WORKERS_LIMIT)
    .default(1)
    .describe('How many ranges of the key are gone through at once. @default 1'),
  quiet: QuietFormat.describe(
    'Hours with little traffic, in which batches may be longer. @default - none',
  ).exactOptional(),
})
  .refine((batch) => batch.min_rows <= batch.max_rows, {
    path: ['min_rows'],
    error: 'at most max_rows',
  })
  .transform(
    (batch): Pacing => ({
      targetBatchMs: batch.target,
      minRows: batch.min_rows,
      maxRows: batch.max_rows,
      pauseMs: batch.pause,
      quarantineLimit: batch.quarantine_limit,
      ...(batch.max_bytes !== MAX_BYTES && { maxBytes: batch.max_bytes }),
      ...(batch.workers > 1 && { workers: batch.workers }),
      ...(batch.quiet !== undefined && { quiet: batch.quiet }),
    }),
  )
  .meta({ id: 'batch', description: 'The pace of a backfill.' });

/** The pace of a backfill that nothing is said of. */
export const DEFAULT_PACING = BatchFormat.parse({});

const ExpressionFormat = z
  .union([z.string(), z.number(), z.boolean(), z.null()], { error: 'an SQL expression' })
  .transform(String);

/** How the old structure is compared with the new one. */
export const ParityFormat = part('a mapping such as {on_mismatch: repair}', {
  skip: text('why nothing needs to be compared')
    .describe(
      'Why nothing is compared. Without comparison nobody knows that contract loses nothing.',
    )
    .optional(),
  compare: z
    .record(text('an SQL expression'), ExpressionFormat, {
      error: 'a mapping from what was filled to the expression it was filled from',
    })
    .refine((pairs) => Object.keys(pairs).length > 0, {
      error: 'a mapping from what was filled to the expression it was filled from',
    })
    .meta({
      description:
        'What was filled, and the expression over the old structure that it must equal. @default - the columns of set',
      minProperties: 1,
    })
    .optional(),
  join: text('a JOIN clause')
    .describe('Brings another table beside the walked one: `left join b on b.a_id = a.id`.')
    .optional(),
  where: text('an SQL condition')
    .describe(
      'Rows to which it applies. @default - all rows, or `where` when it names no column of set',
    )
    .optional(),
  on_mismatch: word(['stop', 'repair'])
    .default('stop')
    .describe('Whether differences end the migration or the rows are moved again. @default stop'),
}).meta({ id: 'parity', description: 'How the old structure is compared with the new one.' });

/** A step of `backfill`: work done for every row of a table, in batches along its key. */
export const BackfillFormat = part('a backfill with an id, a table and set, sql or file', {
  id: StepIdFormat,
  table: textLike(TABLE_PATTERN, 'a table name such as invoices or public.invoices').describe(
    'The table whose primary key is walked.',
  ),
  set: z
    .record(textLike(COLUMN_PATTERN, 'a column name'), ExpressionFormat, {
      error: 'a mapping from columns to SQL expressions, with one column at least',
    })
    .refine((set) => Object.keys(set).length > 0, {
      error: 'a mapping from columns to SQL expressions, with one column at least',
    })
    .meta({ description: 'Columns and the expressions they are set to.', minProperties: 1 })
    .optional(),
  where: text('an SQL condition')
    .describe('Only with set: the rows that still need the work. @default - every row')
    .optional(),
  sql: text('an INSERT, UPDATE or DELETE with :range')
    .describe('An INSERT, UPDATE or DELETE; `:range` stands for the condition on the key, once.')
    .optional(),
  file: StatementFormat.shape.file,
  alias: textLike(COLUMN_PATTERN, 'an identifier')
    .describe(
      'Only with sql: the alias of the table inside the SQL. @default - the name of the table',
    )
    .optional(),
  batch: BatchFormat.describe("The pace. @default - the migration's `batch`").exactOptional(),
  parity: ParityFormat.describe(
    'How old and new are compared. @default - with set and a contract: each column with its expression',
  ).optional(),
  undo: StatementFormat.shape.undo.describe(
    'What takes the backfill back. @default - nothing, allowed when everything it writes was created by expand',
  ),
  undo_file: StatementFormat.shape.undo_file,
}).meta({
  id: 'backfill',
  description: 'Work done for every row of a table, in batches along its key.',
  oneOf: [{ required: ['set'] }, { required: ['sql'] }, { required: ['file'] }],
});

export type BackfillDeclaration = z.output<typeof BackfillFormat>;
