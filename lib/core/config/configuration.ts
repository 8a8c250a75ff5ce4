import type { DeclaredGates, DeclaredSnapshots, DeclaredWindows } from '../migration/migration.ts';

/** `lockkeeper.yaml` at the root of a user's project, parsed. */
export interface Configuration {
  /** Directory of the migrations, relative to the configuration file. @default 'migrations' */
  readonly migrationsDirectory: string;
  readonly environments: readonly Environment[];
}

export interface Environment {
  /** Such as `embedded`, `staging`, `prod`. */
  readonly name: string;
  readonly target: Target;
  readonly policy: EnvironmentPolicy;
  /** What this environment sets instead of what each migration declares. */
  readonly overrides: EnvironmentOverrides;
}

export type Target =
  | {
      /** The runtime of `lockkeeper dev`; it says where it listens in its state directory. */
      readonly kind: 'embedded';
      /** Relative to the configuration file. @default '.lockkeeper' */
      readonly stateDirectory: string;
    }
  | {
      /** The deployed CDK app; the stack prints these values as outputs. */
      readonly kind: 'aws';
      readonly region: string;
      readonly stateMachineArn: string;
      /** Undefined: restores are made with the caller's own permissions, and none takes over. */
      readonly restoreStateMachineArn?: string | undefined;
      readonly controlTable: string;
      readonly decideGateFunction: string;
      readonly clusterArn: string;
      /** The last part of `clusterArn`. */
      readonly clusterIdentifier: string;
      readonly secretArn: string;
      readonly database: string;
      /** Name of an EventBridge bus. @default 'default' */
      readonly eventBus: string;
    };

export interface EnvironmentPolicy {
  /** Who started an execution may not approve its contract gate. @default true, false for embedded */
  readonly fourEyes: boolean;
  /** Whether a migration may say `snapshots: none`. @default false */
  readonly allowWithoutSnapshots: boolean;
  /** What prepare does when the schema is not what the ledger expects. @default 'refuse' */
  readonly onDrift: 'refuse' | 'warn';
}

export interface EnvironmentOverrides {
  readonly gates: Partial<DeclaredGates>;
  readonly snapshots: Partial<DeclaredSnapshots>;
  readonly windows: DeclaredWindows;
}
