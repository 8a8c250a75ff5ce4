/** What the deployed app is called and which database it migrates: all that a test needs to know. */
export interface Deployment {
  readonly stateMachineArn: string;
  readonly controlTable: string;
  readonly controlKey: string;
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
