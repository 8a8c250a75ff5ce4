import { z } from 'zod';
import { GatesFormat } from '../migration/format/gates-format.ts';
import { SnapshotsFormat } from '../migration/format/snapshots-format.ts';
import { flag, part, text, textLike, word } from '../migration/format/vocabulary.ts';
import { WindowsFormat } from '../migration/format/windows-format.ts';

const STATE_MACHINE_ARN = /^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^\s]+$/;

const CLUSTER_ARN = /^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:cluster:[a-zA-Z][a-zA-Z0-9-]*$/;
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^\s]+$/;

const DirectoryFormat = textLike(
  /^(?!\/)(?!.*\\)(?!(?:.*\/)?\.\.(?:\/|$)).*\S/,
  'a directory inside the project, relative to the configuration file, with forward slashes',
);

const EmbeddedTarget = part('a target of kind embedded', {
  kind: z.literal('embedded'),
  state_directory: DirectoryFormat.default('.lockkeeper').describe(
    'Where `lockkeeper dev` keeps its databases and says where it listens. @default .lockkeeper',
  ),
});

const AwsTarget = part('a target of kind aws', {
  kind: z.literal('aws'),
  region: textLike(/^[a-z]{2}(?:-[a-z]+)+-[0-9]$/, 'an AWS region, such as eu-central-1').describe(
    'Region of the deployed app.',
  ),
  state_machine_arn: textLike(
    STATE_MACHINE_ARN,
    'the ARN of the state machine (or of its alias), as the stack prints it',
  ).describe('Output StateMachineArn of the stack.'),
  restore_state_machine_arn: textLike(
    STATE_MACHINE_ARN,
    'the ARN of the state machine of restores, as the stack prints it',
  )
    .optional()
    .describe('Output RestoreStateMachineArn of the stack; restores that take over need it.'),
  control_table: text('the name of a DynamoDB table').describe(
    'Output ControlTableName of the stack.',
  ),
  decide_gate_function: text('the name or ARN of a Lambda function').describe(
    'Output DecideGateFunctionName of the stack.',
  ),
  cluster_arn: textLike(
    CLUSTER_ARN,
    'the ARN of an Aurora cluster, such as arn:aws:rds:eu-central-1:123456789012:cluster:orders',
  ).describe('The cluster to migrate.'),
  secret_arn: textLike(SECRET_ARN, 'the ARN of a secret in Secrets Manager').describe(
    'The secret with the credentials that the migrations run with.',
  ),
  database: text('the name of a database in the cluster').describe('The database to migrate.'),
  event_bus: text('the name of an event bus')
    .default('default')
    .describe('Where events about executions go. @default default'),
});

const TARGET_EXPECTED = 'a mapping with kind: embedded or aws';

/** Where an environment runs. */
export const TargetFormat = z
  .discriminatedUnion('kind', [EmbeddedTarget, AwsTarget], { error: TARGET_EXPECTED })
  .meta({ id: 'target', description: 'Where the environment runs.' });

/** What is allowed in an environment. */
export const PolicyFormat = part('a mapping with four_eyes, allow_without_snapshots, on_drift', {
  four_eyes: flag()
    .optional()
    .describe(
      'Who started an execution may not approve its contract gate. @default true; false for embedded targets',
    ),
  allow_without_snapshots: flag()
    .default(false)
    .describe('Whether a migration may say `snapshots: none`. @default false'),
  on_drift: word(['refuse', 'warn'])
    .default('refuse')
    .describe('When the schema is not what the ledger expects. @default refuse'),
}).meta({ id: 'policy', description: 'What is allowed.' });

/** What an environment sets instead of what each migration declares. */
export const OverridesFormat = part('a mapping with gates, snapshots, windows', {
  gates: GatesFormat.prefault({}),
  snapshots: SnapshotsFormat.optional(),
  windows: WindowsFormat.prefault({}),
}).meta({ id: 'overrides', description: 'What replaces the declarations of each migration.' });

/** One environment. */
export const EnvironmentFormat = part('an environment with a target', {
  target: TargetFormat,
  policy: PolicyFormat.prefault({}),
  overrides: OverridesFormat.prefault({}),
}).meta({ id: 'environment', description: 'A place where migrations run.' });

const ENVIRONMENTS_EXPECTED = 'a mapping from names of environments to their targets';

/** `lockkeeper.yaml`, version 1. */
export const ConfigurationFormat = part('a configuration with version and environments', {
  version: z.literal(1, { error: '1' }).describe('Version of this format.'),
  migrations: DirectoryFormat.default('migrations').describe(
    'Directory of the migrations, relative to this file. @default migrations',
  ),
  environments: z
    .record(
      textLike(
        /^[a-z][a-z0-9-]{0,31}$/,
        'lower-case letters, digits and dashes, at most 32 characters, such as prod',
      ),
      EnvironmentFormat,
      { error: ENVIRONMENTS_EXPECTED },
    )
    .refine((environments) => Object.keys(environments).length > 0, {
      error: ENVIRONMENTS_EXPECTED,
    })
    .meta({ description: 'The environments by name.', minProperties: 1 }),
}).meta({
  title: 'Lockkeeper configuration',
  description: 'The environments of a project and what is allowed in each.',
});

export type ConfigurationDeclaration = z.output<typeof ConfigurationFormat>;
