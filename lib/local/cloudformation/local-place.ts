/** Where the embedded runtime pretends to be. */
export interface LocalPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly stackName: string;
}

/** The place that the embedded services answer for. */
export const EMBEDDED_PLACE = {
  partition: 'aws',
  region: 'us-east-1',
  account: '000000000000',
} as const satisfies Omit<LocalPlace, 'stackName'>;

/** IAM has no region in its ARNs. */
export function localArn(place: LocalPlace, service: string, resource: string): string {
  const region = service === 'iam' ? '' : place.region;
  return `arn:${place.partition}:${service}:${region}:${place.account}:${resource}`;
}

/** The pseudo parameters that a template may refer to. */
export function pseudoParameters(place: LocalPlace): ReadonlyMap<string, string> {
  return new Map([
    ['AWS::Partition', place.partition],
    ['AWS::Region', place.region],
    ['AWS::AccountId', place.account],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', place.stackName],
    ['AWS::StackId', localArn(place, 'cloudformation', `stack/${place.stackName}/embedded`)],
  ]);
}
