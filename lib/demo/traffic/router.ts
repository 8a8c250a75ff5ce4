import type { App, VersionName } from './app.ts';
import type { Random } from './random.ts';
import type { Shares } from './shares.ts';
import { WrongAnswer } from './wrong-answer.ts';

/** Who serves a request, and who reads afterwards what it wrote. */
export interface Route {
  readonly app: App;
  /** The other version when it is on and serves the account, so that each write crosses over. */
  readonly reader: App;
  /** Whether the new version was chosen but the account has not been moved yet. */
  readonly handedToOld: boolean;
}

/** Stands before the versions as a load balancer with a feature flag would; one a client. */
export interface Router {
  /** @throws WrongAnswer when the account is not moved and the old version is off */
  route(accountId: string): Promise<Route>;
  /** For a request that has no account yet. */
  any(): App;
}

export function routerOf(
  apps: Readonly<Record<VersionName, App>>,
  shares: Shares,
  random: Random,
): Router {
  const moved = new Set<string>();
  let revision = shares.revision;

  // An account stays moved for as long as the migration stands; switching versions asks again.
  const newServes = async (accountId: string): Promise<boolean> => {
    if (revision !== shares.revision) moved.clear();
    revision = shares.revision;
    if (moved.has(accountId)) return true;
    const serves = await apps.new.serves(accountId);
    if (serves && revision === shares.revision) moved.add(accountId);
    return serves;
  };

  return {
    any: () => apps[shares.choose(random)],
    route: async (accountId) => {
      const chosen = shares.choose(random);
      const bothOn = shares.isOn('old') && shares.isOn('new');
      if (chosen === 'old' && !bothOn) {
        return { app: apps.old, reader: apps.old, handedToOld: false };
      }
      const serves = await newServes(accountId);
      if (chosen === 'old') {
        const reader = serves ? apps.new : apps.old;
        return { app: apps.old, reader, handedToOld: false };
      }
      if (serves) {
        const reader = shares.isOn('old') ? apps.old : apps.new;
        return { app: apps.new, reader, handedToOld: false };
      }
      if (shares.isOn('old')) return { app: apps.old, reader: apps.old, handedToOld: true };
      throw new WrongAnswer(`account ${accountId} is not moved and the old version is off`);
    },
  };
}
