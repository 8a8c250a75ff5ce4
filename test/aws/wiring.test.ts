import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LOCAL_TOKEN_SECRET } from '../../lib/aws/control-store/token-cipher.ts';
import { wireHandler } from '../../lib/aws/wiring.ts';
import {
  HANDLER_CAPABILITIES,
  HANDLER_ENVIRONMENT,
  HANDLER_NAMES,
  HOST_METRICS,
  WITHOUT_SNAPSHOTS,
} from '../../lib/core/workflow/handlers.ts';
import { newExecutionId } from '../ports/control-store-samples.ts';
import {
  type ControlTableServer,
  startControlTable,
} from './control-store/control-table-server.ts';

/** What the construct sets, with values that lead nowhere. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(HANDLER_ENVIRONMENT).map((name) => [name, `value of ${name}`]),
  ),
  [HANDLER_ENVIRONMENT.clusterIdentifier]: 'orders',
  [HANDLER_ENVIRONMENT.database]: 'app',
};

const log = (): void => undefined;

describe('the wiring of a handler', () => {
  let server: ControlTableServer;
  const before = { ...process.env };

  beforeAll(async () => {
    server = await startControlTable();
    Object.assign(process.env, {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_DYNAMODB: server.url,
    });
  });
  afterAll(async () => {
    process.env = before;
    await server.close();
  });

  it('gives each handler what it may touch, and nothing else', () => {
    for (const name of HANDLER_NAMES) {
      const capabilities = HANDLER_CAPABILITIES[name];
      const wiring = wireHandler(ENVIRONMENT, capabilities, log);
      expect(wiring.database !== undefined).toBe(capabilities.includes('sql'));
      expect(wiring.connectTo !== undefined).toBe(capabilities.includes('restored-sql'));
      expect(wiring.clusters !== undefined).toBe(
        (['snapshot', 'restore', 'look', 'take-over', 'sweep'] as const).some((clusters) =>
          capabilities.includes(clusters),
        ),
      );
      expect(wiring.waker !== undefined).toBe(capabilities.includes('wake'));
      expect(wiring.identities !== undefined).toBe(capabilities.includes('identify'));
    }
  });

  it('asks CloudWatch about the writer only where the stack has it turned on', () => {
    const asks = (value: string | undefined) =>
      HANDLER_NAMES.filter((name) => {
        const environment = { ...ENVIRONMENT, [HOST_METRICS]: value };
        return wireHandler(environment, HANDLER_CAPABILITIES[name], log).host !== undefined;
      });
    expect(asks('on')).toEqual([
      'prepare',
      'expand',
      'open-gate',
      'backfill',
      'validate',
      'contract',
    ]);
    expect([...asks(undefined), ...asks('off')]).toEqual([]);
  });

  it('names the target by cluster and database', () => {
    expect(wireHandler(ENVIRONMENT, [], log).target).toEqual({
      clusterIdentifier: 'orders',
      database: 'app',
      name: 'orders/app',
    });
  });

  it('knows of a target of which no snapshot can be taken', () => {
    const why = 'a database given with --database-url gets none';
    const { target } = wireHandler({ ...ENVIRONMENT, [WITHOUT_SNAPSHOTS]: why }, [], log);
    expect(target.withoutSnapshots).toBe(why);
  });

  it('fails once, naming every variable that is missing', () => {
    const { controlTable, secretArn } = HANDLER_ENVIRONMENT;
    expect(() =>
      wireHandler({ ...ENVIRONMENT, [controlTable]: undefined, [secretArn]: '' }, [], log),
    ).toThrow(
      expect.objectContaining({
        code: 'InvalidConfiguration',
        message: `missing environment variables: ${secretArn}, ${controlTable}`,
      }),
    );
  });

  it('keeps task tokens with the local secret where there is one', async () => {
    // GIVEN
    const secret = Buffer.alloc(32, 5).toString('base64');
    const { control } = wireHandler(
      {
        ...ENVIRONMENT,
        [HANDLER_ENVIRONMENT.controlTable]: server.tableName,
        [LOCAL_TOKEN_SECRET]: secret,
      },
      [],
      log,
    );
    const id = newExecutionId();
    // WHEN
    await control.putTaskToken(id, 'deploy', 'token');
    // THEN
    expect(await control.getTaskToken(id, 'deploy')).toBe('token');
  });
});
