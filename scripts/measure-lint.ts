/**
 * How long lint takes for 1,000 files of another tool: `node scripts/measure-lint.ts`. The first run
 * loads the grammar and compiles the code; the others are what an editor or a hook waits for.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLintInputs } from '../lib/cli/lint/find-lint-inputs.ts';
import { lintInputs } from '../lib/cli/lint/lint-inputs.ts';

const FILES = 1000;
const RUNS = 4;

function fileOf(number: number): string {
  return `-- change ${number}
create table t_${number} (id bigint primary key, name text not null, created_at timestamptz default now());
create index concurrently t_${number}_name on t_${number} (name);
alter table orders add column c_${number} bigint;
update orders set c_${number} = 0 where c_${number} is null;
alter table orders add constraint k_${number} foreign key (c_${number}) references t_${number} (id) not valid;
`;
}

const directory = await mkdtemp(join(tmpdir(), 'lockkeeper-measure-lint-'));
try {
  for (let number = 1; number <= FILES; number += 1) {
    await writeFile(join(directory, `V${number}__change.sql`), fileOf(number));
  }
  for (let run = 1; run <= RUNS; run += 1) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    const { statements, findings } = await lintInputs(await findLintInputs(directory, ['.']), 18);
    const { user, system } = process.cpuUsage(cpu);
    const wall = Math.round(performance.now() - began);
    const used = Math.round((user + system) / 1000);
    process.stdout.write(
      `run ${run}: ${FILES} files, ${statements} statements, ${findings.length} findings: ${wall} ms, ${used} ms of CPU\n`,
    );
  }
} finally {
  await rm(directory, { recursive: true });
}
