import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accessKeyIdOf } from '../http/access-key.ts';
import { AwsError, internalFailure } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer, type Listening, listen } from '../http/listen.ts';
import { makeReachable } from '../postgres/data-directory.ts';
import type { PostgresServer } from '../postgres/server.ts';
import type { ServerSettings } from '../postgres/server-settings.ts';
import type { ClusterDirectory } from '../rds-data/cluster-directory.ts';
import { rdsActions } from './actions.ts';
import { openClusterServers } from './cluster-servers.ts';
import { clusterDirectory } from './directory.ts';
import { invalidAction } from './errors.ts';
import { openInstanceHolds } from './instance-holds.ts';
import { errorXml, parseForm, responseXml } from './query-protocol.ts';
import {
  createReadyCluster,
  type ReadyCluster,
  type ReadyClusterOptions,
  registerExternalCluster,
} from './ready-cluster.ts';
import type { Credentials } from './records.ts';
import { recover } from './recovery.ts';
import { openBackground, type RdsService } from './service.ts';
import { openStateFile } from './state-file.ts';

/** How to serve RDS. */
export interface RdsOptions {
  /** Directory of everything: `state.json`, `clusters/`, `snapshots/`. One process at a time. */
  readonly root: string;
  /** Asked for each call with the service name `rds`. @default - nothing goes wrong */
  readonly faults?: Faults;
  /** PostgreSQL settings of every cluster. @default {} */
  readonly serverSettings?: ServerSettings;
  /** Told when something behind the API fails. @default - a process warning */
  readonly onProblem?: (message: string) => void;
  /** TCP port. @default 0, a free one */
  readonly port?: number;
}

/** The embedded RDS. */
export interface Rds extends Listening {
  /** Lets `startRdsData` find the clusters. */
  readonly directory: ClusterDirectory;
  createReadyCluster(options: ReadyClusterOptions): Promise<ReadyCluster>;
  /** @param options.url a database that somebody else runs */
  registerExternalCluster(options: {
    readonly identifier: string;
    readonly url: string;
  }): Promise<ReadyCluster>;
  /** Stores or rotates a secret. */
  putSecret(secretArn: string, credentials: Credentials): Promise<void>;
  /** The server of a cluster, for those who want to crash it. */
  postgres(clusterIdentifier: string): PostgresServer | undefined;
  /** Settles when nothing is being created, copied, started or deleted. */
  settled(): Promise<void>;
}

/** Requests of this API are small forms. */
const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Serves the part of the RDS API that has to do with clusters and their snapshots. A cluster is a
 * PostgreSQL data directory, a snapshot a base backup of it. Clusters, snapshots and secrets of an
 * earlier process in the same directory are found again. Request credentials are not checked.
 */
export async function startRds(options: RdsOptions): Promise<Rds> {
  const onProblem =
    options.onProblem ?? ((message: string) => process.emitWarning(message, 'EmbeddedRds'));
  await mkdir(join(options.root, 'clusters'), { recursive: true });
  await makeReachable(options.root);
  await makeReachable(join(options.root, 'clusters'));
  const service: RdsService = {
    root: options.root,
    file: await openStateFile(join(options.root, 'state.json')),
    servers: openClusterServers(options.root, options.serverSettings ?? {}, onProblem),
    background: openBackground(onProblem),
  };
  const holds = openInstanceHolds(service);
  await recover(service, holds);
  const actions = rdsActions(service, holds);
  const app = httpServer(BODY_LIMIT_BYTES);
  app.post('/', async (request, reply) => {
    const form = parseForm(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
    const name = form.text('Action') ?? '';
    const caller = accessKeyIdOf(request.headers.authorization);
    const fault = options.faults?.('rds', name, { caller });
    const called = await callUnder(fault, async () => {
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) throw invalidAction(name);
      return responseXml(name, await action(form));
    });
    if (called.kind === 'dropped') return dropConnection(reply);
    return reply.header('content-type', 'text/xml').send(called.value);
  });
  app.setErrorHandler((error: Error, _request, reply) => {
    const fault = error instanceof AwsError ? error : internalFailure(error.message);
    return reply.code(fault.status).header('content-type', 'text/xml').send(errorXml(fault));
  });
  const listening = await listen(app, options.port);
  return {
    url: listening.url,
    directory: clusterDirectory(service),
    createReadyCluster: (ready) => createReadyCluster(service, actions, ready),
    registerExternalCluster: (external) => registerExternalCluster(service, external),
    putSecret: (secretArn, credentials) =>
      service.file.change((state) => ({
        ...state,
        secrets: { ...state.secrets, [secretArn]: credentials },
      })),
    postgres: (identifier) => {
      const { clusters } = service.file.current();
      const cluster = clusters.find((one) => one.identifier === identifier);
      return cluster && service.servers.running(cluster.resourceId);
    },
    settled: () => service.background.settled(),
    close: async () => {
      await listening.close();
      await service.background.settled();
      await service.servers.close();
    },
  };
}
