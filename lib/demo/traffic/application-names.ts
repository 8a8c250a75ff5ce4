import type { VersionName } from './app.ts';

/** What each version's sessions call themselves in pg_stat_activity. */
export const APPLICATION_NAMES: Readonly<Record<VersionName, string>> = {
  old: 'app-old',
  new: 'app-new',
};

/** The session that watches the locks. */
export const WATCH_APPLICATION_NAME = 'demo-lock-watch';
