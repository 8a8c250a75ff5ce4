import { randomUUID } from 'node:crypto';
import { type App, VERSION_NAMES, type VersionName } from './app.ts';
import { APPLICATION_NAMES } from './application-names.ts';
import { startArrivals } from './arrivals.ts';
import { type Client, openClient } from './client.ts';
import { connect } from './connection.ts';
import { watchLocks } from './lock-watch.ts';
import { measure, type RequestResult } from './measurements.ts';
import { newApp } from './new-app.ts';
import { oldApp } from './old-app.ts';
import { sharedAccountsOf } from './shared-accounts.ts';
import { sharesOf } from './shares.ts';
import type { TrafficOptions } from './traffic-options.ts';
import type { TrafficReport } from './traffic-report.ts';
import { chooseWorkingSet } from './working-set.ts';

/** Traffic that runs in this process. */
export interface TrafficRun {
  /** Returns once no request of a version that is now off is still running. */
  setShare(version: VersionName, share: number): Promise<void>;
  mark(phase: string): void;
  /** Returns once no request is running. */
  pause(): Promise<void>;
  resume(): void;
  /** What was seen so far. */
  report(): TrafficReport;
  /** Answers what is due, checks that no update was lost, and closes the connections. */
  stop(): Promise<TrafficReport>;
}

const now = (): number => performance.now();

/** Opens the connections and lets the requests begin. */
export async function runTraffic(options: TrafficOptions): Promise<TrafficRun> {
  const { connectionString } = options;
  const shares = sharesOf(options.versions);
  const auditor = await openAuditor(connectionString);
  const first = VERSION_NAMES.find((version) => shares.isOn(version)) ?? 'old';
  const set = await chooseWorkingSet(auditor.connection, options.clients, options.seed);
  const shared = await sharedAccountsOf(set.shared, auditor.apps[first]);
  const run = randomUUID().slice(0, 8);
  const clients = await Promise.all(
    set.own.map((accountIds, index) =>
      openClient({
        connectionString,
        seed: options.seed * 1000 + index,
        accountIds,
        shared,
        shares,
        uniquePrefix: `${run}-${index}`,
      }),
    ),
  );

  const measurements = measure(options.firstPhase ?? 'before', now);
  const idle: Client[] = [...clients];
  const due: number[] = [];
  const running = new Set<Promise<void>>();

  const dispatch = (): void => {
    while (due.length > 0 && idle.length > 0) {
      const dueAt = due.shift();
      const client = idle.pop();
      if (dueAt === undefined || client === undefined) return;
      const request = serve(client, dueAt).finally(() => running.delete(request));
      running.add(request);
    }
  };
  const serve = async (client: Client, dueAt: number): Promise<void> => {
    const served = await client.serve();
    measurements.requestEnded({ ...served, latencyMs: now() - dueAt });
    idle.push(client);
    dispatch();
  };
  const settle = async (): Promise<void> => {
    while (running.size > 0 || due.length > 0) await Promise.race(running);
  };
  const failure = (operation: string, message: string): RequestResult => {
    const version = shares.isOn('new') ? 'new' : 'old';
    const nothing = {
      kind: 'read',
      latencyMs: 0,
      handedToOld: false,
      crossVersion: false,
    } as const;
    return { version, operation, failure: message, ...nothing };
  };

  const watch = await watchLocks(
    connectionString,
    (wait) => measurements.lockWaitSeen(wait),
    (message) => measurements.requestEnded(failure('watch locks', message)),
  );
  const arrivals = startArrivals(options.ratePerSecond, now, (dueAt) => {
    due.push(dueAt);
    dispatch();
  });

  return {
    setShare: async (version, share) => {
      shares.set(version, share);
      // What runs now may have chosen a version before the change; what starts later has not.
      await Promise.all(running);
    },
    mark: (phase) => measurements.mark(phase),
    pause: async () => {
      arrivals.pause();
      await settle();
    },
    resume: () => arrivals.resume(),
    report: () => measurements.report(),
    stop: async () => {
      await arrivals.stop();
      await settle();
      for (const version of VERSION_NAMES.filter((name) => shares.isOn(name))) {
        await shared.audit(auditor.apps[version]).catch((error: Error) => {
          measurements.requestEnded(failure('audit shared invoices', error.message));
        });
      }
      await watch.stop();
      await Promise.all([...clients.map((client) => client.close()), auditor.close()]);
      return measurements.report();
    },
  };
}

/** One connection through which either version looks at the shared invoices. */
async function openAuditor(connectionString: string) {
  const old = await connect(connectionString, APPLICATION_NAMES.old);
  const fresh = await connect(connectionString, APPLICATION_NAMES.new);
  const apps: Readonly<Record<VersionName, App>> = { old: oldApp(old), new: newApp(fresh) };
  return {
    connection: old,
    apps,
    close: () => Promise.all([old.close(), fresh.close()]),
  };
}
