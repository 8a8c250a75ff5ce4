import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Environment, Target } from '../core/config/configuration.ts';
import { LockkeeperError } from '../core/errors.ts';
import {
  type EmbeddedDescription,
  readEmbeddedDescription,
} from '../local/embedded-description.ts';
import type { Project } from './project.ts';

/** The services a command line talks to. */
export type ServiceName = keyof EmbeddedDescription['endpoints'];

/** What a client of one service is made with: where it is and who calls. */
export type SdkSettings = (service: ServiceName) => {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** Where an environment is, whatever its kind. */
export interface Place {
  readonly sdk: SdkSettings;
  readonly stateMachineArn: string;
  readonly restoreStateMachineArn?: string | undefined;
  readonly controlTable: string;
  readonly decideGateFunction: string;
  readonly eventBus: string;
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  readonly secretArn: string;
  readonly database: string;
}

/**
 * @param as who is calling; only an embedded environment believes it
 * @throws LockkeeperError TargetUnreachable when the embedded services do not run
 */
export async function placeOf(
  project: Project,
  { name, target }: Environment,
  as: string | undefined,
): Promise<Place> {
  switch (target.kind) {
    case 'embedded':
      return embeddedPlace(join(project.root, target.stateDirectory), as ?? osUser());
    case 'aws':
      if (as === undefined) return awsPlace(target);
      throw new LockkeeperError('InvalidConfiguration', `--as has no meaning in ${name}`, {
        fix: 'the AWS credentials in use say who is calling; choose them with AWS_PROFILE',
      });
  }
}

async function embeddedPlace(stateDirectory: string, accessKeyId: string): Promise<Place> {
  if (!/^[\w.@+-]+$/.test(accessKeyId)) {
    throw new LockkeeperError('InvalidConfiguration', `${accessKeyId} is not a name for --as`, {
      fix: 'use letters, digits and . @ + - _',
    });
  }
  const embedded = await readEmbeddedDescription(stateDirectory);
  // The embedded STS takes the access key id for the caller's name and asks for no secret.
  const credentials = { accessKeyId, secretAccessKey: 'embedded' };
  return {
    ...embedded,
    eventBus: 'default',
    sdk: (service) => ({
      region: embedded.region,
      endpoint: embedded.endpoints[service],
      credentials,
    }),
  };
}

/** Endpoints and credentials as the SDK finds them: profile, environment, instance role. */
function awsPlace(target: Extract<Target, { kind: 'aws' }>): Place {
  return { ...target, sdk: () => ({ region: target.region }) };
}

/** A name of another alphabet or with spaces would not fit into a signature. */
function osUser(): string {
  return userInfo().username.replaceAll(/[^\w.@+-]/g, '-');
}
