import { type App, VERSION_NAMES, type VersionName } from './app.ts';
import { APPLICATION_NAMES } from './application-names.ts';
import { type Connection, connect } from './connection.ts';
import { knowledgeOf } from './knowledge.ts';
import { newApp } from './new-app.ts';
import { oldApp } from './old-app.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { type Random, randomFrom } from './random.ts';
import { type Route, routerOf } from './router.ts';
import type { SharedAccounts } from './shared-accounts.ts';
import type { Shares } from './shares.ts';

/** What came of a request, without its time. */
export interface Served {
  readonly version: VersionName;
  readonly operation: string;
  readonly kind: 'read' | 'write';
  readonly failure: string | undefined;
  readonly handedToOld: boolean;
  /** Whether one version wrote and the other read it back. */
  readonly crossVersion: boolean;
}

/** One user of the application: makes one request at a time and checks every response. */
export interface Client {
  /** Never rejects: whatever goes wrong is in the result. */
  serve(): Promise<Served>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly connectionString: string;
  readonly seed: number;
  /** Accounts to which no other client writes. */
  readonly accountIds: readonly string[];
  readonly shared: SharedAccounts;
  readonly shares: Shares;
  /** A prefix for texts that must be unique over all runs and clients. */
  readonly uniquePrefix: string;
}

/** Opens one connection for each version; both stay open whichever versions are on. */
export async function openClient(options: ClientOptions): Promise<Client> {
  const { connectionString, shared } = options;
  const [old, fresh] = await openBoth(connectionString);
  const random = randomFrom(options.seed);
  const router = routerOf({ old: oldApp(old), new: newApp(fresh) }, options.shares, random);
  const knowledge = knowledgeOf(options.accountIds);
  let uniques = 0;
  const unique = (): string => `${options.uniquePrefix}-${uniques++}`;

  return {
    serve: async () => {
      const operation = chooseOperation(random);
      const accountId = accountFor(operation);
      let route: Route | undefined;
      let failure: string | undefined;
      let crossVersion = false;
      try {
        route = accountId === '' ? directRoute() : await router.route(accountId);
        const { app, reader } = route;
        const readBack = async <T>(read: (reader: App) => Promise<T>): Promise<T> => {
          const answer = await read(reader);
          crossVersion = reader !== app;
          return answer;
        };
        await operation.run({ app, readBack, accountId, knowledge, shared, random, unique });
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
        knowledge.forget(accountId);
      }
      return {
        version: route?.app.version ?? 'new',
        operation: operation.name,
        kind: operation.kind,
        failure,
        handedToOld: route?.handedToOld ?? false,
        crossVersion,
      };
    },
    close: async () => {
      await Promise.all([old.close(), fresh.close()]);
    },
  };

  function directRoute(): Route {
    const app = router.any();
    return { app, reader: app, handedToOld: false };
  }
  function accountFor(operation: Operation): string {
    if (operation.on === 'nothing') return '';
    return random.pick(operation.on === 'own' ? knowledge.accountIds : shared.accountIds);
  }
}

async function openBoth(connectionString: string): Promise<readonly [Connection, Connection]> {
  const [old, fresh] = await Promise.all(
    VERSION_NAMES.map((version) => connect(connectionString, APPLICATION_NAMES[version])),
  );
  if (old === undefined || fresh === undefined) throw new RangeError('there are two versions');
  return [old, fresh];
}

const TOTAL_WEIGHT = OPERATIONS.reduce((sum, { weight }) => sum + weight, 0);

function chooseOperation(random: Random): Operation {
  let point = random.below(TOTAL_WEIGHT);
  for (const operation of OPERATIONS) {
    point -= operation.weight;
    if (point < 0) return operation;
  }
  throw new RangeError('the weights of the operations changed');
}
