import { z } from 'zod';
import { BackfillFormat, BatchFormat } from './backfill-format.ts';
import { GatesFormat } from './gates-format.ts';
import { OperationFormat } from './operations-format.ts';
import { SnapshotsFormat } from './snapshots-format.ts';
import { CheckFormat, StatementFormat, ValidationFormat } from './steps-format.ts';
import { flag, listOf, part, text } from './vocabulary.ts';
import { WindowsFormat } from './windows-format.ts';

/** `migration.yaml`, version 1: what may be written. What it means is read in `parse-migration`. */
export const MigrationFormat = part('a migration with version, title and phases', {
  version: z.literal(1, { error: '1' }).describe('Version of this format.'),
  title: text('a short text for people').describe('What the migration is for, in a few words.'),
  description: z.string({ error: 'a text' }).default('').describe('More about it. @default - none'),
  assertions: listOf('a list of checks', CheckFormat)
    .default([])
    .describe('Checked before anything is changed. @default []'),
  operations: listOf('a list of operations', OperationFormat)
    .default([])
    .describe('What should change; the phases are made of it on the target. @default []'),
  versioned_schema: flag()
    .default(false)
    .describe(
      'Whether the new version gets a schema of views with its names, for its search path. @default false',
    ),
  expand: listOf('a list of steps', StatementFormat)
    .default([])
    .describe('Adds the new structure beside the old one. @default []'),
  backfill: listOf('a list of backfills', BackfillFormat)
    .default([])
    .describe('Moves the rows, in batches. @default []'),
  batch: BatchFormat.describe(
    'The pace of the backfills that have no `batch` of their own, those of operations among them. @default - see batch',
  ).exactOptional(),
  validate: listOf('a list of checks and steps', ValidationFormat)
    .default([])
    .describe('Proves that the data is right and makes constraints valid. @default []'),
  contract: listOf('a list of steps', StatementFormat)
    .default([])
    .describe('Cuts off the old structure so that it can come back in a second. @default []'),
  finalize: listOf('a list of steps', StatementFormat)
    .default([])
    .describe('After the soak gate: drops the old structure for good. @default []'),
  gates: GatesFormat.prefault({}),
  snapshots: SnapshotsFormat.default('required'),
  windows: WindowsFormat.prefault({}),
}).meta({
  title: 'Lockkeeper migration',
  description: 'A change of a PostgreSQL schema, as phases with a way back.',
});

export type MigrationDeclaration = z.output<typeof MigrationFormat>;
