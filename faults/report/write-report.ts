import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ALL_CELLS } from '../cells/all-cells.ts';
import type { KillFacts } from '../kills/measure-kills.ts';
import type { MatrixFacts } from '../measure-matrix.ts';
import { type FaultFacts, pageOf } from './page.ts';

const CELL_IDS: ReadonlySet<string> = new Set(ALL_CELLS.map(({ id }) => id));
const FILES = { matrix: 'matrix.json', kills: 'kills.json' } as const;

/** Keeps the facts as JSON beside the page, and writes the page from all that is known. */
export async function writeReport(directory: string, news: Partial<FaultFacts>): Promise<void> {
  const folder = join(directory, 'faults');
  await mkdir(folder, { recursive: true });
  if (news.matrix !== undefined) {
    const known = await read<MatrixFacts>(folder, FILES.matrix);
    await keep(folder, FILES.matrix, undated(merged(known, news.matrix)));
  }
  if (news.kills !== undefined) await keep(folder, FILES.kills, news.kills);
  const page = pageOf({
    matrix: await read<MatrixFacts>(folder, FILES.matrix),
    kills: await read<KillFacts>(folder, FILES.kills),
  });
  await writeFile(join(directory, 'faults.md'), page);
}

/** What a run of some of the cells did not run stays as it was; cells that are no more go. */
function merged(known: MatrixFacts | undefined, news: MatrixFacts): MatrixFacts {
  const ran = new Set(news.cells.map(({ id }) => id));
  const kept = (known?.cells ?? []).filter(({ id }) => CELL_IDS.has(id) && !ran.has(id));
  return { ...news, cells: [...kept, ...news.cells] };
}

/** How long a cell took says something about the machine only. */
function undated(facts: MatrixFacts): MatrixFacts {
  return { ...facts, cells: facts.cells.map((cell) => ({ ...cell, milliseconds: 0 })) };
}

async function keep(folder: string, file: string, facts: unknown): Promise<void> {
  await writeFile(join(folder, file), `${JSON.stringify(facts, null, 2)}\n`);
}

async function read<T>(folder: string, file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
