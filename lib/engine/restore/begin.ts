import { LockkeeperError } from '../../core/errors.ts';
import type { Execution } from '../../core/executions/execution.ts';
import type { Outcome } from '../../core/workflow/outcome.ts';
import type { IdentityVerifier } from '../../ports/identity.ts';
import { verifyStarter } from '../prepare/verify-starter.ts';
import type { ClusterContext } from './context.ts';
import { findSource } from './make-cluster.ts';
import { checksumOf } from './order-restore.ts';

export interface BeginContext extends ClusterContext {
  readonly execution: Execution;
  readonly identities: IdentityVerifier;
}

/** Finds out who gave the order, which four eyes at the takeover rely on, then what to restore. */
export async function beginRestore(context: BeginContext): Promise<Outcome> {
  const source = await context.control.getSource(context.executionId);
  if (source === undefined) {
    throw new LockkeeperError('LedgerCorrupt', `restore ${context.executionId} has no source`);
  }
  const nobody = await verifyStarter(context, source, checksumOf(context.order));
  return nobody === undefined ? findSource(context) : { kind: 'rejected', reason: nobody };
}
