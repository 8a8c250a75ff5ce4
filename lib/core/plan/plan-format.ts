import { LockkeeperError } from '../errors.ts';
import type { ExecutionId } from '../ids.ts';

/**
 * The formats of a stored plan that this version reads; the highest is what it writes. A format
 * that only adds optional members joins the list; one whose members changed their meaning replaces
 * it. Handlers of an earlier deployment do not know the new one, and must not guess.
 */
export const PLAN_FORMATS = [1, 2, 3, 4] as const;
export type PlanFormat = (typeof PLAN_FORMATS)[number];

export const NEWEST_PLAN_FORMAT = Math.max(...PLAN_FORMATS) as PlanFormat;

/**
 * Refuses a plan that somebody else than this version must read.
 * @throws LockkeeperError UnknownVersion; nothing was changed
 */
export function requireKnownPlan(executionId: ExecutionId, formatVersion: number): void {
  if (PLAN_FORMATS.some((known) => known === formatVersion)) return;
  throw new LockkeeperError(
    'UnknownVersion',
    `the plan of ${executionId} has format ${formatVersion}, this version reads ${PLAN_FORMATS.join(' and ')}`,
    {
      fix: `deploy the version that made the plan, then lockkeeper resume ${executionId}`,
      facts: { executionId, formatVersion },
    },
  );
}
