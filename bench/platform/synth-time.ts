import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlatformFacts } from '../facts.ts';

/** The time from a process without the construct library to a cloud assembly. */
export async function measureSynth(): Promise<
  Pick<PlatformFacts, 'constructImportMs' | 'synthMs'>
> {
  const outdir = await mkdtemp(join(tmpdir(), 'lockkeeper-bench-synth-'));
  try {
    const importing = performance.now();
    const { synthesize } = await import('../../lib/local/synthesize.ts');
    const constructImportMs = performance.now() - importing;
    const synthesizing = performance.now();
    await synthesize(
      {
        clusterIdentifier: 'app',
        secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-AbCdEf',
        databaseName: 'app',
        handlerEnvironment: {},
      },
      outdir,
    );
    return { constructImportMs, synthMs: performance.now() - synthesizing };
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}
