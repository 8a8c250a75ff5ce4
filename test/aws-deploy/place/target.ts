import { join } from 'node:path';
import { LockkeeperError } from '../../../lib/core/errors.ts';
import { startRds } from '../../../lib/local/rds/server.ts';
import { startRdsData } from '../../../lib/local/rds-data/server.ts';

/** The database that the deployed app migrates. */
export interface Target {
  readonly clusterIdentifier: string;
  readonly clusterArn: string;
  readonly secretArn: string;
  /** Everything in it belongs to the tests. */
  readonly database: string;
  /** Where the SDK finds its services, for functions and tests alike; empty on AWS. */
  readonly endpoints: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** No emulator does snapshots, restores or a strict Data API: the embedded RDS and Data API do. */
export async function startEmbeddedTarget(directory: string): Promise<Target> {
  const rds = await startRds({ root: join(directory, 'rds') });
  try {
    const rdsData = await startRdsData({ directory: rds.directory });
    const close = async () => {
      await rdsData.close();
      await rds.close();
    };
    try {
      const clusterIdentifier = 'app';
      const database = 'app';
      const cluster = await rds.createReadyCluster({
        identifier: clusterIdentifier,
        database,
        username: 'lockkeeper',
        password: 'embedded-password',
      });
      return {
        clusterIdentifier,
        clusterArn: cluster.resourceArn,
        secretArn: cluster.secretArn,
        database,
        endpoints: { AWS_ENDPOINT_URL_RDS: rds.url, AWS_ENDPOINT_URL_RDS_DATA: rdsData.url },
        close,
      };
    } catch (error) {
      await rdsData.close();
      throw error;
    }
  } catch (error) {
    await rds.close();
    throw error;
  }
}

/** A name that nobody gives to a database with anything to lose in it: tests empty it. */
const TEST_DATABASE = /^lockkeeper_test/;

/**
 * An Aurora PostgreSQL cluster in an account, named by the environment.
 * @throws LockkeeperError InvalidConfiguration naming what is missing, or a database that may hold something
 */
export function readAccountTarget(
  environment: Readonly<Record<string, string | undefined>>,
): Target {
  const value = (name: string): string => {
    const found = environment[name];
    if (found !== undefined && found !== '') return found;
    throw new LockkeeperError('InvalidConfiguration', `a real account needs ${name}`, {
      fix: 'read docs/tiers.md',
    });
  };
  const clusterArn = value('LOCKKEEPER_TEST_CLUSTER_ARN');
  const database = value('LOCKKEEPER_TEST_DATABASE');
  if (!TEST_DATABASE.test(database)) {
    throw new LockkeeperError(
      'InvalidConfiguration',
      `LOCKKEEPER_TEST_DATABASE must begin with lockkeeper_test, got ${database}`,
      { fix: 'make a database for the tests alone: they drop all that is in it' },
    );
  }
  return {
    clusterIdentifier: clusterArn.split(':').at(-1) ?? '',
    clusterArn,
    secretArn: value('LOCKKEEPER_TEST_SECRET_ARN'),
    database,
    endpoints: {},
    close: async () => undefined,
  };
}
