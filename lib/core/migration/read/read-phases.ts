import type { z } from 'zod';
import { BackfillFormat, BatchFormat, DEFAULT_PACING } from '../format/backfill-format.ts';
import { CheckFormat, isCheck, StatementFormat } from '../format/steps-format.ts';
import type { Migration, Pacing } from '../migration.ts';
import { type Creations, creationsOf } from './creations.ts';
import { isMapping, itemsOf } from './items.ts';
import { readBackfill } from './read-backfill.ts';
import { readCheck } from './read-check.ts';
import { readSql, STEP_SQL } from './read-sql.ts';
import { readStep } from './read-step.ts';
import type { StepPhase } from './read-undo.ts';
import type { Reading } from './reading.ts';
import { reportRepeatedIds } from './repeated-ids.ts';

/** The steps of a migration. */
export type Phases = Pick<
  Migration,
  'assertions' | 'expand' | 'backfill' | 'validate' | 'contract' | 'finalize'
>;

/**
 * Reads the steps of all phases. Each step is read on its own, so that a step with a wrong shape
 * (which is reported elsewhere) does not hide what is wrong with the others.
 */
export function readPhases(reading: Reading): Phases {
  const statements = (phase: StepPhase) =>
    itemsOf(reading, phase).flatMap(({ path, value }) =>
      whenValid(StatementFormat, value, (step) => readStep(reading, phase, path, step)),
    );
  const creations = creationsOfExpand(reading);
  const pacing = pacingOf(reading);
  const phases: Phases = {
    assertions: itemsOf(reading, 'assertions').flatMap(({ path, value }) =>
      whenValid(CheckFormat, value, (check) => readCheck(reading, path, check)),
    ),
    expand: statements('expand'),
    backfill: itemsOf(reading, 'backfill').flatMap(({ path, value }) =>
      whenValid(BackfillFormat, value, (step) =>
        readBackfill(reading, path, { ...step, batch: step.batch ?? pacing }, creations),
      ),
    ),
    validate: itemsOf(reading, 'validate').flatMap(({ path, value }): Migration['validate'] =>
      isCheck(value)
        ? whenValid(CheckFormat, value, (check) => readCheck(reading, path, check))
        : whenValid(StatementFormat, value, (step) => readStep(reading, 'validate', path, step)),
    ),
    contract: statements('contract'),
    finalize: statements('finalize'),
  };
  reportRepeatedIds(reading, Object.values(phases).flat());
  return phases;
}

/** The pace of backfills that have none of their own; a wrong one is reported with the file's shape. */
function pacingOf({ document }: Reading): Pacing {
  const declared = isMapping(document.value) ? document.value['batch'] : undefined;
  const [pacing = DEFAULT_PACING] = whenValid(BatchFormat, declared ?? {}, (read) => [read]);
  return pacing;
}

function whenValid<Format extends z.ZodType, Result>(
  format: Format,
  value: unknown,
  read: (declared: z.output<Format>) => readonly Result[],
): readonly Result[] {
  const result = format.safeParse(value);
  return result.success ? read(result.data) : [];
}

/**
 * What expand makes, read apart from its steps, so that a step that lacks its undo still counts.
 * Undefined when some of it cannot be read.
 */
function creationsOfExpand(reading: Reading): Creations | undefined {
  const unheard: Reading = { ...reading, problems: [] };
  const nodes = itemsOf(reading, 'expand').map(({ path, value }) => {
    const source = isMapping(value) ? readSql(unheard, path, value, STEP_SQL) : undefined;
    const outcome = source && reading.parser.parse(source.sql);
    return outcome?.kind === 'parsed' ? outcome.statements.map(({ node }) => node) : undefined;
  });
  const readable = nodes.filter((statements) => statements !== undefined);
  return readable.length === nodes.length ? creationsOf(readable.flat()) : undefined;
}
