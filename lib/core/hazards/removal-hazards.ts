import type { Classification } from '../sql/classification.ts';
import { type Examined, type Finding, finding, whileOldApplicationRuns } from './finding.ts';

/** What the old application still needs, and data that would be gone. */
export function removalHazards(examined: Examined): readonly Finding[] {
  const { classification, phase } = examined;
  if (classification.breaksOldApplication === undefined) return [];
  const early = whileOldApplicationRuns(phase);
  const rule = ruleOf(classification);
  if (rule === undefined) return [];
  // A removal loses data in contract as well; a rename there is the tombstone that can be undone.
  const loses = classification.destructive.length > 0 && phase !== 'finalize';
  if (!early && !loses) return [];
  const reason = classification.breaksOldApplication;
  const message = early ? `${reason}, while the old application runs` : lossOf(classification);
  return [finding(examined, rule, early ? 'error' : 'warning', message, SAFER[rule])];
}

const SAFER: Readonly<Record<string, string>> = {
  'drop-column': 'rename it in contract, so that it can come back, and drop it in finalize',
  'drop-object': 'rename it in contract, so that it can come back, and drop it in finalize',
  truncate: 'move or delete the rows by a backfill, in batches',
  rename: 'add the new name beside the old one, keep both in sync, and contract the old one',
};

function ruleOf({ statementKind, subcommands, destructive }: Classification): string | undefined {
  if (statementKind === 'truncate') return 'truncate';
  if (statementKind.startsWith('rename-') || statementKind === 'set-schema') return 'rename';
  if (statementKind === 'alter-type-rename-value') return 'rename';
  if (subcommands.includes('drop-column')) return 'drop-column';
  return statementKind.startsWith('drop-') && destructive.length > 0 ? 'drop-object' : undefined;
}

function lossOf({ destructive }: Classification): string {
  const what = destructive.map((each) => each.what).join(', ');
  return `${what} would be gone, and only a restored snapshot could bring it back`;
}
