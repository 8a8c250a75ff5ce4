import type { Migration, SourceLocation } from '../migration.ts';
import { frameAt } from '../source/source-text.ts';
import { itemsOf } from './items.ts';
import type { Reading } from './reading.ts';

type Step = Migration['validate'][number] | Migration['backfill'][number];

const LISTS = ['assertions', 'expand', 'backfill', 'validate', 'contract', 'finalize'] as const;

interface Use {
  readonly stepId: string;
  readonly location: SourceLocation;
}

/**
 * A step is known by its id in the plan, in the ledger and on the command line, so an id is used
 * once. The ids made for the statements of a step (`<id>_1`) count as well.
 */
export function reportRepeatedIds(reading: Reading, steps: readonly Step[]): void {
  const { document } = reading;
  const written = repeated(declaredIds(reading));
  const names = new Set(written.map(({ use }) => use.stepId));
  const made = repeated(steps).filter(({ use }) => !names.has(use.stepId));
  for (const { use, first } of [...written, ...made]) {
    reading.problems.push({
      rule: 'duplicate-step-id',
      location: use.location,
      message: `the step id ${use.stepId} is used twice, first at ${first.location.file}:${first.location.line}`,
      expected: 'an id that is unique in the migration; several statements get <id>_1, <id>_2 ...',
      ...(use.location.file === document.file && { frame: frameAt(document, use.location) }),
    });
  }
}

function declaredIds(reading: Reading): readonly Use[] {
  return LISTS.flatMap((list) =>
    itemsOf(reading, list).flatMap(({ path, value }): readonly Use[] => {
      const stepId = (value as { readonly id?: unknown } | null)?.id;
      const location = reading.document.locationOf([...path, 'id']);
      return typeof stepId === 'string' ? [{ stepId, location }] : [];
    }),
  );
}

function repeated(uses: readonly Use[]): readonly { readonly use: Use; readonly first: Use }[] {
  const firstUses = new Map<string, Use>();
  return uses.flatMap((use) => {
    const first = firstUses.get(use.stepId);
    if (first === undefined) firstUses.set(use.stepId, use);
    return first === undefined ? [] : [{ use, first }];
  });
}
