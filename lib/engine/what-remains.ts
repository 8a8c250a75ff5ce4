import type { HashedPlan } from '../core/plan/plan.ts';
import type { Session } from '../ports/database.ts';
import { expectedSchema } from '../postgres/ledger/expected-schema.ts';
import { compareWithPicture, type SchemaDifference } from '../postgres/ledger/pictures.ts';
import type { StepRecord } from '../postgres/ledger/steps.ts';

/** As the fingerprint prints the labels of an enum: literals, separated by commas. */
const LABEL = /E?'(?:[^']|'')*'/g;

/**
 * What a rollback leaves there because PostgreSQL cannot take it away: labels of enums. The ledger
 * has to expect them from now on, or the next start would call them drift and refuse.
 * @returns in words; undefined when nothing remains, or when anything else differs as well: that
 *   somebody did outside of a migration, and accepting it is for people
 */
export async function whatRemains(
  session: Session,
  { plan }: HashedPlan,
  traces: readonly StepRecord[],
): Promise<string | undefined> {
  const ran = new Set<string>(traces.map(({ stepId }) => stepId));
  const additions = plan.steps.flatMap((step) => {
    const adds = step.kind === 'statement' && step.action.statementKind === 'alter-type-add-value';
    return adds && ran.has(step.stepId) ? [step.action.sql] : [];
  });
  if (additions.length === 0) return undefined;
  const expected = await expectedSchema(session);
  if (expected === undefined) return undefined;
  const { kept, differences, total } = await compareWithPicture(session, expected.fingerprint);
  if (!kept || total === 0 || total > differences.length) return undefined;
  const left = differences.map((each) => labelsLeft(each, additions));
  if (left.includes(undefined)) return undefined;
  return `PostgreSQL cannot take labels away: ${left.join('; ')}`;
}

/** The labels that these statements gave a type, where nothing else of it is different. */
function labelsLeft(
  { difference, kind, name, expected = '', found = '' }: SchemaDifference,
  additions: readonly string[],
): string | undefined {
  if (difference !== 'changed' || kind !== 'type') return undefined;
  const before = new Set(expected.match(LABEL));
  const added = (found.match(LABEL) ?? []).filter((label) => !before.has(label));
  const stayed = (found.match(LABEL) ?? []).filter((label) => before.has(label));
  const sameOtherwise =
    stayed.join() === (expected.match(LABEL) ?? []).join() &&
    found.replaceAll(LABEL, '').replaceAll(',', '') ===
      expected.replaceAll(LABEL, '').replaceAll(',', '');
  const ours = added.every((label) => additions.some((sql) => sql.includes(label)));
  return added.length > 0 && sameOtherwise && ours ? `${added.join(', ')} of ${name}` : undefined;
}
