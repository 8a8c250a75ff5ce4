import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { EnvironmentSettings } from '../config/environment-settings.ts';
import type { Decision } from '../gates/parse-command.ts';
import type { Checksum, ExecutionId } from '../ids.ts';

/**
 * What a person says, as 64 hex digits that are signed together with the question who it is. Whoever
 * gets hold of the signature can prove nothing else with it.
 */
export type Claim = string & { readonly __brand: 'Claim' };

/** Every word of the decision: execution, gate, plan, reason. */
export function claimOfDecision(decision: Decision): Claim {
  return digest({ says: 'decide', decision });
}

/** What starts, and under which rules: the migration's content and the environment's settings. */
export function claimOfStart(start: {
  readonly executionId: ExecutionId;
  readonly checksum: Checksum;
  readonly environment: EnvironmentSettings;
}): Claim {
  const { executionId, checksum, environment } = start;
  return digest({ says: 'start', executionId, checksum, environment });
}

function digest(said: object): Claim {
  return createHash('sha256').update(canonicalJson(said), 'utf8').digest('hex') as Claim;
}
