/** What the deployed app is called and which database it migrates: all that a test needs to know. */
export interface Deployment {
  /** An emulator has gaps that the tests go around (docs/tiers.md); an account has none. */
  readonly tier: 'emulator' | 'account';
  readonly region: string;
  readonly stateMachineArn: string;
  readonly restoreStateMachineArn: string;
  readonly controlTable: string;
  readonly decideGateFunction: string;
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/** Carries the deployment as JSON from the script that made it to the tests. */
export const DEPLOYMENT_VARIABLE = 'LOCKKEEPER_TEST_DEPLOYMENT';

/** @throws Error when nothing was deployed */
export function readDeployment(): Deployment {
  const text = process.env[DEPLOYMENT_VARIABLE];
  if (text === undefined) throw new Error('nothing is deployed; run `npm run test:aws`');
  return JSON.parse(text) as Deployment;
}
