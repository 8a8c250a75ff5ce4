import type { PlatformFacts } from '../facts.ts';
import type { BenchOptions } from '../options.ts';
import { measureHandlers } from './handler-size.ts';
import { measureStates } from './state-cost.ts';
import { measureSynth } from './synth-time.ts';

/** What is not the database: handlers, the embedded workflow, synthesis. */
export async function measurePlatform({
  smoke,
}: Pick<BenchOptions, 'smoke'>): Promise<PlatformFacts> {
  return {
    handlers: await measureHandlers(smoke ? 1 : 3),
    ...(await measureStates()),
    ...(await measureSynth()),
  };
}
