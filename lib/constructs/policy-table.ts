/** A synthesized CloudFormation template, as far as permissions are concerned. */
export interface PolicyTemplate {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** One allowing statement, in words for people. */
export interface PolicyRow {
  /** Logical id of the role, without its hash. */
  readonly owner: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Empty without one. */
  readonly condition: string;
}

/** Who else than its role's policies lets somebody invoke a function. */
export interface InvokePermission {
  readonly fn: string;
  readonly principal: string;
  readonly source: string;
}

/** Every statement of every identity policy, by role, in the order of the template. */
export function policyRows({ Resources }: PolicyTemplate): readonly PolicyRow[] {
  return of(Resources, 'AWS::IAM::Policy').flatMap(({ Properties = {} }) => {
    const roles = listOf(Properties['Roles']).map(readable);
    const statements = listOf((Properties['PolicyDocument'] as Statements).Statement);
    return roles.flatMap((owner) => merged(statements.map((statement) => rowOf(owner, statement))));
  });
}

/** Statements that allow the same under the same condition, as one. */
function merged(rows: readonly PolicyRow[]): readonly PolicyRow[] {
  const alike = Map.groupBy(rows, ({ actions, condition }) => `${actions.join()} ${condition}`);
  return [...alike.values()].flatMap((group) =>
    group
      .slice(0, 1)
      .map((row) => ({ ...row, resources: group.flatMap(({ resources }) => resources) })),
  );
}

/** Every resource-based permission on a function. */
export function invokePermissions({ Resources }: PolicyTemplate): readonly InvokePermission[] {
  return of(Resources, 'AWS::Lambda::Permission').map(({ Properties = {} }) => ({
    fn: readable(Properties['FunctionName']),
    principal: readable(Properties['Principal']),
    source: readable(Properties['SourceArn']),
  }));
}

/** Managed policies are not ours to list; there should be none. */
export function managedPolicies({ Resources }: PolicyTemplate): readonly string[] {
  return of(Resources, 'AWS::IAM::Role').flatMap(({ Properties = {} }) =>
    listOf(Properties['ManagedPolicyArns']).map(readable),
  );
}

interface Statements {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function rowOf(owner: string, { Effect, Action, Resource, Condition = {} }: Statement): PolicyRow {
  return {
    owner,
    actions: listOf(Action).map((action) => (Effect === 'Allow' ? action : `not ${action}`)),
    resources: listOf(Resource).map(readable),
    condition: Object.entries(Condition)
      .flatMap(([operator, keys]) =>
        Object.entries(keys).map(
          ([key, value]) => `${operator} ${key} ${listOf(value).map(readable).join(', ')}`,
        ),
      )
      .join('; '),
  };
}

function of(resources: PolicyTemplate['Resources'], type: string): readonly TemplateResource[] {
  return Object.values(resources).filter(({ Type }) => Type === type);
}

/** An ARN or a name with its references in angle brackets: `<ControlTable>/index/by-time`. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return String(value);
  const [[intrinsic, argument] = []] = Object.entries(value);
  switch (intrinsic) {
    case 'Ref':
      return argument === 'AWS::Partition' ? 'aws' : `<${nameOf(String(argument))}>`;
    case 'Fn::GetAtt':
      return `<${nameOf(String((argument as readonly string[])[0]))}>`;
    case 'Fn::Join': {
      const [separator, parts] = argument as readonly [string, readonly unknown[]];
      return parts.map(readable).join(separator);
    }
    default: {
      // The name of a state machine is cut out of its ARN; which one is all that matters here.
      const reference = /"Ref":"(\w+)"/.exec(JSON.stringify(value))?.[1];
      return reference === undefined ? JSON.stringify(value) : `<${nameOf(reference)}>`;
    }
  }
}

/** A logical id without the hashes that the CDK ends it with, and without what all of them begin with. */
function nameOf(logicalId: string): string {
  return logicalId
    .replace(/CurrentVersion[0-9A-F]{8}[0-9a-f]{32}$/, ':version')
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/^Orchestrator/, '');
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  return value === undefined ? [] : ([value].flat() as readonly T[]);
}
