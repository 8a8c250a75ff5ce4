import { ALL_CELLS } from '../cells/all-cells.ts';
import type { KillFacts } from '../kills/measure-kills.ts';
import type { MatrixFacts } from '../measure-matrix.ts';
import type { CellResult } from '../run-cell.ts';
import { tallyOf, wordsOf } from './ending-words.ts';
import { killsSection } from './kills-section.ts';

/** What was measured so far; the page says of the rest that it was not. */
export interface FaultFacts {
  readonly matrix: MatrixFacts | undefined;
  readonly kills: KillFacts | undefined;
}

/** The page of the matrix and of the kills, in Markdown. It has no date: the same run, the same page. */
export function pageOf({ matrix, kills }: FaultFacts): string {
  return `${[
    '# What happens when something goes wrong',
    'This page is written by `npm run faults`; do not edit it. The same facts as JSON: [faults/](faults/).',
    INTRODUCTION,
    ...(matrix === undefined ? [] : [summary(matrix), LEGEND, ...sections(matrix.cells)]),
    ...(kills === undefined ? [] : [killsSection(kills)]),
    LIMITS,
    HOW,
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `Each cell is one run of a whole migration on the embedded AWS, by the real handlers and the synthesized state
machine: a strong lock, an index built CONCURRENTLY, a backfill in batches, a constraint validated on its own, a rename, a
drop, a signal and an approval. One call goes wrong in one way. Then somebody does what \`lockkeeper status\` prints, and
nothing else, until the execution has ended. A cell is green when the fault was really met, and afterwards

- the schema's fingerprint and every row are what an undisturbed run leaves behind, or what there was before;
- every row was moved at most once, counted by a trigger on the table, and exactly once when it completed;
- no index is INVALID, no lease is held, no session and no workflow of the execution is left, and the ledger agrees.`;

const LEGEND = `**completed**, **rolled back**, **rejected** (refused before anything was changed): how it ended. What stands before it: \`again\`, a
command failed for a person, who repeated it; \`held\`, it waited for something that it named and went on by itself; a
status and a verb, it stopped in this named state and went on with the command that was printed.`;

const LIMITS = `## What is real and what is injected

Restarts are SIGKILLs of the server, cancelled statements are \`pg_cancel_backend\` while they wait for a lock, read-only is
the server's own refusal (25006) after its sessions ended, killed functions are terminated threads, duplicates are second
invocations with the same event, a stolen lease is another execution with a larger token in the control store and the ledger, a
wrong clock is four minutes off in one function. A full disk is raised by triggers in the server, with the SQLSTATE (53100), the
words and the aborted transaction of the real thing: filling a file system needs rights that a test has not. Throttling, 5xx,
timeouts and resets are made by the embedded services, before or after they did what was asked. Waits between retries of
the state machine pass fifty times as fast.`;

const HOW = `## How to run it again

\`\`\`sh
npm run faults                             # the whole matrix; writes this page
npm run faults -- --list --only backfill  # names of cells
npm run faults -- --cell <id>             # one cell
npm run faults -- --sample 8 --seed 3     # some of them
npm run faults -- --kills 100 --seed 1    # kills of the runtime; writes this page
\`\`\``;

function summary({ seed, cells }: MatrixFacts): string {
  const { completed, rolledBack, rejected, stopped, wrong } = tallyOf(cells);
  return `**${cells.length - wrong} of ${cells.length} cells are green** (of ${ALL_CELLS.length} in the matrix; seed ${seed}): ${completed} completed, ${rolledBack} rolled back, ${rejected} rejected; ${stopped} of them stood still in a named state on their way and went on from there.`;
}

/** One table for each seam, with the faults that it has. */
function sections(cells: readonly CellResult[]): readonly string[] {
  const inOrder = ALL_CELLS.flatMap(({ id }) => cells.filter((cell) => cell.id === id));
  return [...new Set(inOrder.map(({ seam }) => seam))].map((seam) => {
    const own = inOrder.filter((cell) => cell.seam === seam);
    const faults = [...new Set(own.map(({ fault }) => fault))];
    const calls = [...new Set(own.map(({ call }) => call))];
    const rows = calls.map((call) => [
      call,
      ...faults.map((fault) => {
        const found = own.find((cell) => cell.call === call && cell.fault === fault);
        return found === undefined ? '' : wordsOf(found);
      }),
    ]);
    return `## ${seam}\n\n${tableOf(['', ...faults], rows)}`;
  });
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
