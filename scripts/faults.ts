/**
 * Faults at every seam of the embedded AWS, and kills of the runtime; see `USAGE` and
 * docs/faults.md. Exit code 0: everything is green; 1: not; 2: wrong usage.
 */
import { ALL_CELLS } from '../faults/cells/all-cells.ts';
import { chooseCells } from '../faults/choose-cells.ts';
import { measureKills } from '../faults/kills/measure-kills.ts';
import { measureMatrix } from '../faults/measure-matrix.ts';
import { type FaultOptions, parseOptions, USAGE } from '../faults/options.ts';
import { tallyOf, wordsOf } from '../faults/report/ending-words.ts';
import { writeReport } from '../faults/report/write-report.ts';
import type { CellResult } from '../faults/run-cell.ts';

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    return await run(parseOptions(process.argv.slice(2)));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    say(`${error.message}\n${USAGE}`);
    return 2;
  }
}

async function run(options: FaultOptions): Promise<number> {
  switch (options.kind) {
    case 'list':
      for (const { id } of ALL_CELLS) if (options.only.test(id)) say(id);
      return 0;
    case 'matrix': {
      const cells = chooseCells(ALL_CELLS, options);
      let done = 0;
      const matrix = await measureMatrix(cells, options.seed, async (result, matrix) => {
        done += 1;
        say(`${done}/${cells.length} ${lineOf(result)}`);
        // After each cell: what is known stays known when somebody has no more time.
        if (options.out !== undefined) await writeReport(options.out, { matrix });
      });
      const { wrong, ...good } = tallyOf(matrix.cells);
      say(`${good.cells - wrong} of ${good.cells} green: ${JSON.stringify(good)}`);
      return wrong === 0 ? 0 : 1;
    }
    case 'kills': {
      const { out, kind: _, ...asked } = options;
      const kills = await measureKills(asked, say, async (soFar) => {
        if (out !== undefined) await writeReport(out, { kills: soFar });
      });
      return kills.runs.every(({ problems }) => problems.length === 0) ? 0 : 1;
    }
  }
}

function lineOf(result: CellResult): string {
  const took = `${(result.milliseconds / 1_000).toFixed(1)} s`;
  const why = result.problems.length === 0 ? '' : `: ${result.problems.join('; ')}`;
  return `${result.id} ${wordsOf(result)} (${took})${why}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
