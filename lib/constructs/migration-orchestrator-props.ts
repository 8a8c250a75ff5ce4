import type { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IDatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { FourEyes } from '../core/workflow/handlers.ts';
import type { HandlerCode } from './handler-code.ts';

/** What an orchestrator of migrations is made of. */
export interface MigrationOrchestratorProps {
  /** The Aurora PostgreSQL cluster to migrate; its Data API must be enabled. */
  readonly cluster: IDatabaseCluster;
  /** Credentials of the user that migrations run as: owner of the schema it changes. */
  readonly secret: ISecret;
  /** The database inside of the cluster. */
  readonly databaseName: string;
  /** The bundled handlers. */
  readonly handlerCode: HandlerCode;
  /**
   * The table with executions, plans, gates and the audit trail. A given one needs the keys `pk`
   * and `sk` and the index `by-time` (`listPk`, `listSk`), all of them strings.
   * @default - a new table: on demand, point-in-time recovery, protected from deletion
   */
  readonly controlTable?: ITable;
  /**
   * Encrypts the control table and the task tokens in it.
   * @default - the key of the given `controlTable`, else a new key that rotates
   */
  readonly encryptionKey?: IKey;
  /**
   * The key of the cluster's storage, where it is one of yours: a restore needs it.
   * @default - the cluster's storage has a key that AWS manages
   */
  readonly storageEncryptionKey?: IKey;
  /**
   * Whether who started an execution may approve its gates: never (`required`), or as the environment
   * in `lockkeeper.yaml` says (`as-configured`). That file is in the hands of whoever starts.
   * @default 'required'
   */
  readonly fourEyes?: FourEyes;
  /**
   * Gets an event for everything that happens.
   * @default - the account's default bus
   */
  readonly eventBus?: IEventBus;
  /**
   * Of the handlers.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
  /**
   * Memory of each handler in MiB. Handlers wait for the network most of their time; what needs
   * room is the bundled SDK (about 100 MiB once loaded) and, in `prepare`, the PostgreSQL parser.
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * More environment variables of the handlers, such as endpoints of an emulator.
   * @default - none
   */
  readonly handlerEnvironment?: Readonly<Record<string, string>>;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
  /**
   * What happens to the control table, its key, the logs and the state machine when they leave the
   * stack. Deleting a state machine ends its executions without a way back.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Told by alarms: a migration rolled back or stuck, a gate overdue, a backfill held back, an event
   * undelivered.
   * @default - no alarms
   */
  readonly alarmTopic?: ITopic;
  /**
   * Address of your copy of the runbook; the description of each alarm links its entry there.
   * @default 'docs/runbook.md'
   */
  readonly runbook?: string;
  /**
   * Whether a backfill is also held back by what CloudWatch says of the cluster's writer: CPU, CPU credits
   * of a burstable class, capacity of a serverless one. Four metrics a minute while rows are moved;
   * when they cannot be read the backfill is held. `prepare` says how much local storage is left.
   * @default false
   */
  readonly hostMetrics?: boolean;
  /**
   * Whether there is a CloudWatch dashboard of phases, gates, failures and backfills.
   * @default false
   */
  readonly dashboard?: boolean;
  /**
   * Whether each deployment publishes a version of the state machine and executions start through
   * an alias on it. Turn it off for an emulator without these resource types.
   * @default true
   */
  readonly stateMachineAlias?: boolean;
}
