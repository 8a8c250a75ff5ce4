import type { Outcome } from '../../core/workflow/outcome.ts';
import type { RestoreStep } from '../../core/workflow/payload.ts';
import type { ClusterContext, SqlContext } from './context.ts';
import { holdTarget } from './hold-target.ts';
import { createInstance, findSource, restoreCluster, turnOnDataApi } from './make-cluster.ts';
import { reconcileRecords } from './reconcile.ts';
import { moveAway, moveIn, protectClusters, toggleDataApi } from './take-over.ts';
import { verifyInPlace, verifyRestored } from './verify.ts';

type Work<Context> = (context: Context) => Promise<Outcome>;

/** The steps that make the new cluster. */
export const CLUSTER_STEPS = {
  source: findSource,
  cluster: restoreCluster,
  instance: createInstance,
  'data-api': turnOnDataApi,
} as const satisfies Partial<Record<RestoreStep, Work<ClusterContext>>>;

/** The steps that ask databases, and write into the ledger. */
export const SQL_STEPS = {
  verify: verifyRestored,
  hold: holdTarget,
  'verify-again': verifyInPlace,
  reconcile: reconcileRecords,
} as const satisfies Partial<Record<RestoreStep, Work<SqlContext>>>;

/** The steps that change what the clusters are called. */
export const TAKEOVER_STEPS = {
  protect: protectClusters,
  'move-away': moveAway,
  'move-in': moveIn,
  toggle: toggleDataApi,
} as const satisfies Partial<Record<RestoreStep, Work<ClusterContext>>>;
