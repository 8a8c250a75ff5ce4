import type { DeclaredSnapshots } from '../migration/migration.ts';
import { plainText } from '../migration/migration-folder.ts';
import type { Parsed, Problem } from '../migration/problem.ts';
import { byLocation } from '../migration/render-problems.ts';
import { shapeProblems } from '../migration/source/shape-problems.ts';
import { frameAt, type SourceText } from '../migration/source/source-text.ts';
import { readYaml, type YamlDocument } from '../migration/source/yaml-document.ts';
import type { Configuration, Environment, EnvironmentOverrides, Target } from './configuration.ts';
import { type ConfigurationDeclaration, ConfigurationFormat } from './configuration-format.ts';

type EnvironmentDeclaration = ConfigurationDeclaration['environments'][string];

/** Reads `lockkeeper.yaml`; all problems at once. Environments keep the order of the file. */
export function parseConfiguration(source: SourceText): Parsed<Configuration> {
  const yaml = readYaml({ file: source.file, text: plainText(source.text) });
  if (yaml.kind === 'invalid') return yaml;
  const document = yaml.value;
  const result = ConfigurationFormat.safeParse(document.value);
  if (!result.success) {
    const problems = shapeProblems(document, result.error).toSorted(byLocation);
    return { kind: 'invalid', problems };
  }
  const environments = Object.entries(result.data.environments).map(([name, declared]) =>
    environmentOf(name, declared),
  );
  const problems = environments.flatMap((environment) => consentProblems(document, environment));
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : {
        kind: 'parsed',
        value: { migrationsDirectory: result.data.migrations, environments },
      };
}

function environmentOf(name: string, declared: EnvironmentDeclaration): Environment {
  const { target, policy, overrides } = declared;
  return {
    name,
    target: targetOf(target),
    policy: {
      fourEyes: policy.four_eyes ?? target.kind !== 'embedded',
      allowWithoutSnapshots: policy.allow_without_snapshots,
      onDrift: policy.on_drift,
    },
    overrides: {
      gates: writtenOnly(overrides.gates),
      snapshots: snapshotsOf(overrides.snapshots),
      windows: overrides.windows,
    },
  };
}

function targetOf(declared: EnvironmentDeclaration['target']): Target {
  switch (declared.kind) {
    case 'embedded':
      return { kind: 'embedded', stateDirectory: declared.state_directory };
    case 'aws':
      return {
        kind: 'aws',
        region: declared.region,
        stateMachineArn: declared.state_machine_arn,
        ...(declared.restore_state_machine_arn !== undefined && {
          restoreStateMachineArn: declared.restore_state_machine_arn,
        }),
        controlTable: declared.control_table,
        decideGateFunction: declared.decide_gate_function,
        clusterArn: declared.cluster_arn,
        clusterIdentifier: declared.cluster_arn.slice(declared.cluster_arn.lastIndexOf(':') + 1),
        secretArn: declared.secret_arn,
        database: declared.database,
        eventBus: declared.event_bus,
      };
  }
}

function writtenOnly(
  gates: EnvironmentDeclaration['overrides']['gates'],
): EnvironmentOverrides['gates'] {
  const { review, deploy, contract, soak } = gates;
  return {
    ...(review && { review }),
    ...(deploy && { deploy }),
    ...(contract && { contract }),
    ...(soak && { soak }),
  };
}

function snapshotsOf(
  declared: EnvironmentDeclaration['overrides']['snapshots'],
): Partial<DeclaredSnapshots> {
  if (declared === undefined) return {};
  if (typeof declared === 'string') return { beforeExpand: declared, beforeContract: declared };
  const { before_expand: beforeExpand, before_contract: beforeContract } = declared;
  return { ...(beforeExpand && { beforeExpand }), ...(beforeContract && { beforeContract }) };
}

/** An environment that takes no snapshots must say that it means it. */
function consentProblems(document: YamlDocument, environment: Environment): readonly Problem[] {
  const { name, policy, overrides } = environment;
  const { beforeExpand, beforeContract } = overrides.snapshots;
  if (policy.allowWithoutSnapshots || ![beforeExpand, beforeContract].includes('none')) return [];
  const location = document.locationOf(['environments', name, 'overrides', 'snapshots']);
  return [
    {
      rule: 'snapshots-required',
      location,
      message: `the environment ${name} overrides snapshots with none without allowing that`,
      expected: 'snapshots: required, or policy: {allow_without_snapshots: true}',
      frame: frameAt(document, location),
    },
  ];
}
