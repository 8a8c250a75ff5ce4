import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchFacts } from '../facts.ts';
import { chartsOf } from './charts.ts';
import { pageOf } from './page.ts';

/** Writes `benchmarks.md`, and the charts and `results.json` in `benchmarks/`. */
export async function writeReport(facts: BenchFacts, out: string): Promise<void> {
  const folder = join(out, 'benchmarks');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(facts, null, 2)}\n`);
  for (const { file, svg } of chartsOf(facts)) await writeFile(join(folder, file), svg);
  await writeFile(join(out, 'benchmarks.md'), pageOf(facts));
}
