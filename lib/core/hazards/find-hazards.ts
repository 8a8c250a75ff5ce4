import { columnHazards } from './column-hazards.ts';
import { constraintHazards } from './constraint-hazards.ts';
import { dataHazards } from './data-hazards.ts';
import type { Examined, Finding, HazardRule } from './finding.ts';
import { indexHazards } from './index-hazards.ts';
import { removalHazards } from './removal-hazards.ts';
import { rewriteHazards } from './rewrite-hazards.ts';
import { runnerHazards } from './runner-hazards.ts';

const RULES: readonly HazardRule[] = [
  runnerHazards,
  indexHazards,
  columnHazards,
  constraintHazards,
  rewriteHazards,
  removalHazards,
  dataHazards,
];

/** Everything that a statement endangers, by the family of its rule. */
export function findHazards(examined: Examined): readonly Finding[] {
  return RULES.flatMap((rule) => rule(examined));
}
