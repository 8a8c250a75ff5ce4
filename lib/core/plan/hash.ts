import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { PlanHash } from '../ids.ts';
import type { HashedPlan, Plan } from './plan.ts';

/** SHA-256 over the plan's canonical JSON. Approvals bind to it; `docs/formats.md` promises it. */
export function hashPlan(plan: Plan): HashedPlan {
  const hash = createHash('sha256').update(canonicalJson(plan), 'utf8').digest('hex') as PlanHash;
  return { plan, hash };
}
