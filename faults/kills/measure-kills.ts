import { type KillResult, killRun } from './kill-run.ts';
import { killMoments } from './moments.ts';
import { makeTemplate } from './template.ts';

export interface KillOptions {
  /** Deaths in all; the runs end when there were as many. */
  readonly kills: number;
  /** Deaths in one run. */
  readonly perRun: number;
  readonly seed: number;
  /** Rows of the largest table. */
  readonly rows: number;
}

/** What a hundred deaths did. */
export interface KillFacts extends KillOptions {
  /** Calls of the functions in a run that nobody disturbed: the scale of the moments. */
  readonly calls: number;
  readonly runs: readonly KillResult[];
}

/** Kills runtimes until there were enough deaths. A run that cannot be seen through is a problem of its own. */
export async function measureKills(
  options: KillOptions,
  tell: (line: string) => void,
  onRun: (soFar: KillFacts) => Promise<void>,
): Promise<KillFacts> {
  const { kills, perRun, seed, rows } = options;
  const template = await makeTemplate(rows);
  try {
    const undisturbed = await killRun(template, 0, seed, []);
    if (undisturbed.problems.length > 0 || undisturbed.ending !== 'succeeded') {
      throw new TypeError(`the undisturbed run: ${undisturbed.problems.join('; ')}`);
    }
    tell(`undisturbed: ${undisturbed.calls} calls, ${undisturbed.milliseconds} ms`);
    const runs: KillResult[] = [];
    for (let deaths = 0, run = 1; deaths < kills; run += 1) {
      const moments = killMoments(Math.min(perRun, kills - deaths), undisturbed.calls, seed, run);
      const result = judged(await killRun(template, run, seed, moments), undisturbed);
      runs.push(result);
      deaths += result.deaths.length;
      tell(lineOf(result, deaths));
      await onRun({ ...options, calls: undisturbed.calls, runs });
    }
    return { ...options, calls: undisturbed.calls, runs };
  } finally {
    await template.remove();
  }
}

/** Schemas after a success are compared with the one of the run that nobody disturbed. */
function judged(result: KillResult, undisturbed: KillResult): KillResult {
  if (result.ending !== 'succeeded' || result.fingerprint === undisturbed.fingerprint)
    return result;
  return { ...result, problems: [...result.problems, 'the schema is not what it should be'] };
}

function lineOf({ run, deaths, ending, problems, milliseconds }: KillResult, all: number): string {
  const places = deaths.map(
    ({ call, when, withDatabase, found }) =>
      `${when} call ${call}${withDatabase ? ' with its database' : ''} (${found})`,
  );
  const verdict = problems.length === 0 ? 'ok' : `WRONG: ${problems.join('; ')}`;
  return `${all} deaths; run ${run}: ${ending}, ${milliseconds} ms, ${verdict}; ${places.join(', ')}`;
}
