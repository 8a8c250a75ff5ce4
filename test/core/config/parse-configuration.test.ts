import { describe, expect, it } from '@jest/globals';
import { parseConfiguration } from '../../../lib/core/config/parse-configuration.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';

const parse = (text: string) => parseConfiguration({ file: 'lockkeeper.yaml', text });

function problemsOf(text: string): string {
  const parsed = parse(text);
  return parsed.kind === 'invalid' ? `\n${renderProblems(parsed.problems)}\n` : '';
}

const FULL = `version: 1
migrations: db/migrations
environments:
  embedded:
    target: {kind: embedded}
  prod:
    target:
      kind: aws
      region: eu-central-1
      state_machine_arn: arn:aws:states:eu-central-1:123456789012:stateMachine:Lockkeeper:live
      control_table: lockkeeper-control
      decide_gate_function: lockkeeper-decide-gate
      cluster_arn: arn:aws:rds:eu-central-1:123456789012:cluster:orders
      secret_arn: arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-migrator-AbCdEf
      database: orders
    policy: {four_eyes: false, allow_without_snapshots: true, on_drift: warn}
    overrides:
      gates: {review: {kind: approval, approvals: 2}, soak: none}
      snapshots: {before_contract: none}
      windows: {contract: [{from: '02:00', to: '04:00', days: [sun]}]}
`;

describe('parseConfiguration', () => {
  it('reads environments in the order of the file', () => {
    expect(parse(FULL)).toEqual({
      kind: 'parsed',
      value: {
        migrationsDirectory: 'db/migrations',
        environments: [
          {
            name: 'embedded',
            target: { kind: 'embedded', stateDirectory: '.lockkeeper' },
            policy: { fourEyes: false, allowWithoutSnapshots: false, onDrift: 'refuse' },
            overrides: { gates: {}, snapshots: {}, windows: {} },
          },
          {
            name: 'prod',
            target: {
              kind: 'aws',
              region: 'eu-central-1',
              stateMachineArn:
                'arn:aws:states:eu-central-1:123456789012:stateMachine:Lockkeeper:live',
              controlTable: 'lockkeeper-control',
              decideGateFunction: 'lockkeeper-decide-gate',
              clusterArn: 'arn:aws:rds:eu-central-1:123456789012:cluster:orders',
              clusterIdentifier: 'orders',
              secretArn:
                'arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders-migrator-AbCdEf',
              database: 'orders',
              eventBus: 'default',
            },
            policy: { fourEyes: false, allowWithoutSnapshots: true, onDrift: 'warn' },
            overrides: {
              gates: {
                review: {
                  kind: 'approval',
                  approvals: 2,
                  timeoutMs: 604_800_000,
                  onTimeout: 'hold',
                },
                soak: { kind: 'none' },
              },
              snapshots: { beforeContract: 'none' },
              windows: {
                contract: [{ fromMinute: 120, toMinute: 240, days: [7], timeZone: 'UTC' }],
              },
            },
          },
        ],
      },
    });
  });

  it('asks for four eyes on AWS unless the policy says otherwise', () => {
    const parsed = parse(FULL.replace('four_eyes: false, ', ''));
    expect(parsed.kind === 'parsed' && parsed.value.environments[1]?.policy.fourEyes).toBe(true);
  });

  it('keeps migrations in migrations unless it is said otherwise', () => {
    const parsed = parse('version: 1\nenvironments: {dev: {target: {kind: embedded}}}');
    expect(parsed.kind === 'parsed' && parsed.value.migrationsDirectory).toBe('migrations');
  });

  it('fails when keys are unknown or missing', () => {
    expect(
      problemsOf(`migration: x
environments:
  dev: {target: {kind: embeded}}
  staging: {}
  prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
`),
    ).toMatchInlineSnapshot(`
"
lockkeeper.yaml:1:1 missing-key: version is missing
  > 1 | migration: x
      | ^
    2 | environments:
  expected: 1

lockkeeper.yaml:1:1 unknown-key: unknown key migration
  > 1 | migration: x
      | ^
    2 | environments:
  expected: one of version, migrations, environments
  fix: write migrations

lockkeeper.yaml:3:24 wrong-value: environments.dev.target.kind is "embeded"
    1 | migration: x
    2 | environments:
  > 3 |   dev: {target: {kind: embeded}}
      |                        ^
    4 |   staging: {}
  expected: a mapping with kind: embedded or aws
  fix: write embedded

lockkeeper.yaml:4:12 missing-key: target is missing in environments.staging
    2 | environments:
    3 |   dev: {target: {kind: embeded}}
  > 4 |   staging: {}
      |            ^
    5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
  expected: a mapping with kind: embedded or aws

lockkeeper.yaml:5:18 missing-key: state_machine_arn is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the ARN of the state machine (or of its alias), as the stack prints it

lockkeeper.yaml:5:18 missing-key: control_table is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the name of a DynamoDB table

lockkeeper.yaml:5:18 missing-key: decide_gate_function is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the name or ARN of a Lambda function

lockkeeper.yaml:5:18 missing-key: cluster_arn is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the ARN of an Aurora cluster, such as arn:aws:rds:eu-central-1:123456789012:cluster:orders

lockkeeper.yaml:5:18 missing-key: secret_arn is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the ARN of a secret in Secrets Manager

lockkeeper.yaml:5:18 missing-key: database is missing in environments.prod.target
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                  ^
    6 |
  expected: the name of a database in the cluster

lockkeeper.yaml:5:53 unknown-key: unknown key polcy in environments.prod
    3 |   dev: {target: {kind: embeded}}
    4 |   staging: {}
  > 5 |   prod: {target: {kind: aws, region: eu-central-1}, polcy: {}}
      |                                                     ^
    6 |
  expected: one of target, policy, overrides
  fix: write policy
"
`);
  });

  it('fails when values are wrong', () => {
    expect(
      problemsOf(`version: 1
migrations: ../elsewhere
environments:
  Prod EU: {target: {kind: embedded, state_directory: /var/lib}}
  prod:
    target:
      kind: aws
      region: Frankfurt
      state_machine_arn: lockkeeper
      control_table: 5
      decide_gate_function: ''
      cluster_arn: orders
      secret_arn: orders-migrator
      database: orders
    policy: {four_eyes: 'yes', on_drift: warning}
    overrides: {gates: {soak: {kind: timer, duration: 10}}, snapshots: off}
`),
    ).toMatchInlineSnapshot(`
"
lockkeeper.yaml:2:13 wrong-value: migrations is "../elsewhere"
    1 | version: 1
  > 2 | migrations: ../elsewhere
      |             ^
    3 | environments:
  expected: a directory inside the project, relative to the configuration file, with forward slashes

lockkeeper.yaml:4:3 wrong-key: Prod EU is not a name that can be used here
    2 | migrations: ../elsewhere
    3 | environments:
  > 4 |   Prod EU: {target: {kind: embedded, state_directory: /var/lib}}
      |   ^
    5 |   prod:
  expected: lower-case letters, digits and dashes, at most 32 characters, such as prod

lockkeeper.yaml:8:15 wrong-value: environments.prod.target.region is "Frankfurt"
    6 |     target:
    7 |       kind: aws
  > 8 |       region: Frankfurt
      |               ^
    9 |       state_machine_arn: lockkeeper
  expected: an AWS region, such as eu-central-1

lockkeeper.yaml:9:26 wrong-value: environments.prod.target.state_machine_arn is "lockkeeper"
     7 |       kind: aws
     8 |       region: Frankfurt
  >  9 |       state_machine_arn: lockkeeper
       |                          ^
    10 |       control_table: 5
  expected: the ARN of the state machine (or of its alias), as the stack prints it

lockkeeper.yaml:10:22 wrong-type: environments.prod.target.control_table is 5, a number
     8 |       region: Frankfurt
     9 |       state_machine_arn: lockkeeper
  > 10 |       control_table: 5
       |                      ^
    11 |       decide_gate_function: ''
  expected: the name of a DynamoDB table

lockkeeper.yaml:11:29 wrong-value: environments.prod.target.decide_gate_function is ""
     9 |       state_machine_arn: lockkeeper
    10 |       control_table: 5
  > 11 |       decide_gate_function: ''
       |                             ^
    12 |       cluster_arn: orders
  expected: the name or ARN of a Lambda function

lockkeeper.yaml:12:20 wrong-value: environments.prod.target.cluster_arn is "orders"
    10 |       control_table: 5
    11 |       decide_gate_function: ''
  > 12 |       cluster_arn: orders
       |                    ^
    13 |       secret_arn: orders-migrator
  expected: the ARN of an Aurora cluster, such as arn:aws:rds:eu-central-1:123456789012:cluster:orders

lockkeeper.yaml:13:19 wrong-value: environments.prod.target.secret_arn is "orders-migrator"
    11 |       decide_gate_function: ''
    12 |       cluster_arn: orders
  > 13 |       secret_arn: orders-migrator
       |                   ^
    14 |       database: orders
  expected: the ARN of a secret in Secrets Manager

lockkeeper.yaml:15:25 wrong-type: environments.prod.policy.four_eyes is "yes"
    13 |       secret_arn: orders-migrator
    14 |       database: orders
  > 15 |     policy: {four_eyes: 'yes', on_drift: warning}
       |                         ^
    16 |     overrides: {gates: {soak: {kind: timer, duration: 10}}, snapshots: off}
  expected: true or false

lockkeeper.yaml:15:42 wrong-value: environments.prod.policy.on_drift is "warning"
    13 |       secret_arn: orders-migrator
    14 |       database: orders
  > 15 |     policy: {four_eyes: 'yes', on_drift: warning}
       |                                          ^
    16 |     overrides: {gates: {soak: {kind: timer, duration: 10}}, snapshots: off}
  expected: refuse or warn

lockkeeper.yaml:16:55 duration: environments.prod.overrides.gates.soak.duration is 10, a number
    14 |       database: orders
    15 |     policy: {four_eyes: 'yes', on_drift: warning}
  > 16 |     overrides: {gates: {soak: {kind: timer, duration: 10}}, snapshots: off}
       |                                                       ^
    17 |
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h
  fix: write the unit: 10ms, 10s, 10m, 10h or 10d

lockkeeper.yaml:16:72 wrong-value: environments.prod.overrides.snapshots is "off"
    14 |       database: orders
    15 |     policy: {four_eyes: 'yes', on_drift: warning}
  > 16 |     overrides: {gates: {soak: {kind: timer, duration: 10}}, snapshots: off}
       |                                                                        ^
    17 |
  expected: required, none, or a mapping with before_expand and before_contract
"
`);
  });

  it('fails when there are no environments', () => {
    expect(problemsOf('version: 1\nenvironments: {}')).toMatchInlineSnapshot(`
"
lockkeeper.yaml:2:15 wrong-value: environments is an empty mapping
    1 | version: 1
  > 2 | environments: {}
      |               ^
  expected: a mapping from names of environments to their targets
"
`);
  });

  it('fails when an environment takes no snapshots without saying that it may', () => {
    expect(
      problemsOf(`version: 1
environments:
  dev: {target: {kind: embedded}, overrides: {snapshots: none}}
  demo: {target: {kind: embedded}, overrides: {snapshots: {before_contract: none}}}
  play: {target: {kind: embedded}, overrides: {snapshots: none}, policy: {allow_without_snapshots: true}}
`),
    ).toMatchInlineSnapshot(`
"
lockkeeper.yaml:3:58 snapshots-required: the environment dev overrides snapshots with none without allowing that
    1 | version: 1
    2 | environments:
  > 3 |   dev: {target: {kind: embedded}, overrides: {snapshots: none}}
      |                                                          ^
    4 |   demo: {target: {kind: embedded}, overrides: {snapshots: {before_contract: none}}}
  expected: snapshots: required, or policy: {allow_without_snapshots: true}

lockkeeper.yaml:4:59 snapshots-required: the environment demo overrides snapshots with none without allowing that
    2 | environments:
    3 |   dev: {target: {kind: embedded}, overrides: {snapshots: none}}
  > 4 |   demo: {target: {kind: embedded}, overrides: {snapshots: {before_contract: none}}}
      |                                                           ^
    5 |   play: {target: {kind: embedded}, overrides: {snapshots: none}, policy: {allow_without_snapshots: true}}
  expected: snapshots: required, or policy: {allow_without_snapshots: true}
"
`);
  });

  it('fails when it is not YAML', () => {
    expect(problemsOf('version: [1')).toMatchInlineSnapshot(`
"
lockkeeper.yaml:1:12 yaml-syntax: flow sequence in block collection must be sufficiently indented and end with a ]
  > 1 | version: [1
      |            ^
"
`);
  });
});
