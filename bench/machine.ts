import os from 'node:os';
import type { RunFacts } from './facts.ts';

/** The machine and its load as they are now. */
export function describeMachine(): Pick<
  RunFacts,
  'machine' | 'cores' | 'memoryGb' | 'node' | 'loadBefore'
> {
  const [processor] = os.cpus();
  return {
    machine: `${processor?.model.trim() || 'unknown processor'}, ${os.type()} ${os.arch()}`,
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
    loadBefore: os.loadavg()[0] ?? 0,
  };
}
