import color from 'picocolors';
import type { EmbeddedDescription } from '../../local/embedded-description.ts';
import { awsVariables } from '../aws-variables.ts';

/** Where everything is, for people and for their shells. */
export function devView(stateDirectory: string, embedded: EmbeddedDescription): string {
  const variables = Object.entries(awsVariables(embedded)).map(
    ([name, value]) => `  export ${name}=${value}`,
  );
  return [
    `${color.green('running')} on ${stateDirectory}`,
    '',
    `${color.dim('database')}  ${embedded.databaseUrl}`,
    `${color.dim('cluster')}   ${embedded.clusterArn}`,
    '',
    color.dim('for the AWS CLI and SDKs'),
    ...variables,
    '',
    'Ctrl-C ends it; the data stays.',
  ].join('\n');
}
