import type { Environment } from '../core/config/configuration.ts';
import type { Decision, DecisionReply } from '../core/gates/parse-command.ts';
import type { LaunchContext } from '../engine/start-execution.ts';
import type { ClusterService } from '../ports/cluster-service.ts';
import type { Database } from '../ports/database.ts';
import type { Workflow } from '../ports/workflow.ts';

/** Everything a verb can reach in one environment, with the caller's own permissions. */
export interface Connection extends LaunchContext {
  readonly environment: Environment;
  readonly target: ConnectedTarget;
  readonly clusters: ClusterService;
  /** Runs restores; undefined where the environment's configuration does not name it. */
  readonly restores: Workflow | undefined;
  /** What a command must be given to reach the same place, such as `--env prod`; often nothing. */
  readonly addressing: readonly string[];
  /** Signs a decision and hands it to the one function that may wake an execution. */
  decide(decision: Decision): Promise<DecisionReply>;
  /** Opens the environment's database in a cluster: the target itself, or one restored from it. */
  connectDatabase(clusterArn: string): Database;
  close(): Promise<void>;
}

export interface ConnectedTarget {
  /** `<cluster identifier>/<database>`: what the lease is taken on. */
  readonly name: string;
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
}
