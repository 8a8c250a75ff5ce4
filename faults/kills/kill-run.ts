import { rm } from 'node:fs/promises';
import { operate } from '../operate.ts';
import { inspect, schemaOf } from './inspect.ts';
import { openSite, type Site } from './killable-site.ts';
import type { KillMoment } from './moments.ts';
import { copyOf, DEMO_MIGRATION, type Template } from './template.ts';

/** One death of a runtime. */
export interface Death extends KillMoment {
  /** What the execution was doing when it was looked at after the restart. */
  readonly found: string;
}

/** How a run ended whose runtime was killed. */
export interface KillResult {
  readonly run: number;
  readonly deaths: readonly Death[];
  readonly ending: string;
  /** What the tool said was to be done, and was done. */
  readonly commands: readonly string[];
  readonly rows: number;
  readonly checksum: string;
  readonly expectedChecksum: string;
  readonly fingerprint: string;
  readonly problems: readonly string[];
  /** Calls of the functions in the last life. */
  readonly calls: number;
  readonly milliseconds: number;
}

const TIMEOUT_MS = 300_000;
const LOOK_EVERY_MS = 400;

/** Runs the demo's migration under traffic on a copy, kills its runtimes, and sees it through. */
export async function killRun(
  template: Template,
  run: number,
  seed: number,
  kills: readonly KillMoment[],
): Promise<KillResult> {
  const startedAt = Date.now();
  const root = await copyOf(template);
  const site = await openSite(root, seed * 1_000 + run, kills);
  const before = await schemaOf(root);
  const attendant = attend(site, kills);
  try {
    const operated = await operate(site, {
      migration: DEMO_MIGRATION,
      timeoutMs: TIMEOUT_MS,
      lookEveryMs: LOOK_EVERY_MS,
      stopsAllowed: kills.length + 3,
      before: (command) => deployFor(site, command),
      onStop: () => attendant.back(),
    });
    const deaths = await attendant.leave();
    const found = await inspect(site, root, operated.executionId, before);
    return {
      run,
      deaths,
      ending: operated.status,
      commands: operated.stops.map(({ next }) => next.split(' ').slice(0, 2).join(' ')),
      ...found,
      calls: await site.close(),
      milliseconds: Date.now() - startedAt,
    };
  } finally {
    await attendant.leave();
    await site.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** What a pipeline and an operator do to the applications before they say so. */
async function deployFor(site: Site, command: string): Promise<void> {
  if (command.startsWith('lockkeeper signal')) await site.setVersions({ old: 1, new: 1 });
  if (command.startsWith('lockkeeper approve')) await site.setVersions({ old: 0, new: 1 });
}

interface Attendant {
  /** Settles when a runtime serves again. */
  back(): Promise<void>;
  /** Nothing is started again from here on. */
  leave(): Promise<readonly Death[]>;
}

/** Starts the next runtime whenever one dies. */
function attend(site: Site, kills: readonly KillMoment[]): Attendant {
  const deaths: Death[] = [];
  let leaving = false;
  let restarting: Promise<void> = Promise.resolve();
  const watch = (): void => {
    void site.runtime.gone.then(() => {
      if (leaving) return;
      restarting = again();
      restarting.catch(() => undefined);
    });
  };
  const again = async (): Promise<void> => {
    await site.restart();
    const kill = kills[deaths.length];
    if (kill !== undefined) deaths.push({ ...kill, found: await doing(site) });
    watch();
  };
  watch();
  return {
    back: () => restarting,
    leave: async () => {
      leaving = true;
      await restarting;
      return deaths;
    },
  };
}

async function doing({ executions, observer }: Site): Promise<string> {
  const [id] = await executions();
  const execution = id === undefined ? undefined : await observer.control.getExecution(id);
  return execution === undefined ? 'not started' : `${execution.status}: ${execution.activity}`;
}
