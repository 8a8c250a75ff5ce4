import type { Execution } from '../../core/executions/execution.ts';
import { claimOfStart } from '../../core/identity/claim.ts';
import type { Checksum } from '../../core/ids.ts';
import type { MigrationSource } from '../../ports/control-store.ts';
import type { IdentityVerifier } from '../../ports/identity.ts';
import type { EngineContext } from '../context.ts';

/**
 * Finds out who started the execution and writes it down where only functions can write: four eyes
 * rely on it. The proof covers the migration's content and the environment's settings, so nobody
 * can start one thing in the name of another.
 * @param checksum of the files as they are stored
 * @returns why it may not go on, or undefined
 */
export async function verifyStarter(
  context: EngineContext & {
    readonly execution: Execution;
    readonly identities: IdentityVerifier;
  },
  { proof, environment }: MigrationSource,
  checksum: Checksum,
): Promise<string | undefined> {
  const { control, execution, executionId, identities, clock } = context;
  if ((await control.getStarter(executionId)) !== undefined) return undefined;
  if (proof === undefined) {
    return 'nothing proves who started this execution; start it with lockkeeper start';
  }
  const claim = claimOfStart({ executionId, checksum, environment });
  const identified = await identities.identify(proof, claim);
  if (identified.kind === 'refused') {
    return `the proof of who started this execution is refused: ${identified.why}; start it again`;
  }
  const { principal } = identified;
  if (principal !== execution.startedBy) {
    return `${principal} started this execution, and its record says ${execution.startedBy}; start it again`;
  }
  const { fourEyes } = environment.policy;
  await control.putStarter(executionId, { by: principal, at: clock.now(), fourEyes });
  return undefined;
}
