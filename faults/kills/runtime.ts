/**
 * The embedded AWS as a process of its own, as `lockkeeper dev` is one, that may kill itself: at
 * the n-th call that a function makes, before it, in the middle of it or after it. Prints `ready`
 * with what it serves, and `calls` with how many there were when it is told to end.
 *
 *     node faults/kills/runtime.ts '{"stateDirectory": ..., "kill": {"call": 7, "when": "after"}}'
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedAws, startEmbeddedAws } from '../../lib/local/embedded-aws.ts';
import type { Fault } from '../../lib/local/http/faults.ts';
import { KILLED_RUNTIME_SETTINGS, type RuntimeOptions, type RuntimeWord } from './runtime-words.ts';

const options = JSON.parse(process.argv[2] ?? '') as RuntimeOptions;
let calls = 0;
let aws: EmbeddedAws | undefined;

aws = await startEmbeddedAws({
  stateDirectory: options.stateDirectory,
  waitScale: options.waitScale,
  serverSettings: KILLED_RUNTIME_SETTINGS,
  ...(options.databaseUrl !== undefined && { databaseUrl: options.databaseUrl }),
  faults: (_service, _action, { caller }): Fault | undefined => {
    if (caller?.includes('Handlers') !== true) return undefined;
    calls += 1;
    return options.kill?.call === calls ? suicide(options.kill) : undefined;
  },
});
say({ kind: 'ready' });
process.on('SIGTERM', async () => {
  say({ kind: 'calls', calls });
  await aws?.close();
  process.exit(0);
});
setInterval(() => undefined, 1_000);

function suicide({ when, delayMs, withDatabase }: NonNullable<RuntimeOptions['kill']>): Fault {
  const die = async () => {
    if (withDatabase) {
      const server = aws?.rds.postgres(aws.description.clusterIdentifier);
      if (server !== undefined) process.kill(server.pid, 'SIGKILL');
    }
    process.kill(process.pid, 'SIGKILL');
  };
  switch (when) {
    case 'before':
      return { kind: 'meanwhile', before: die };
    case 'during':
      return { kind: 'meanwhile', during: () => sleep(delayMs).then(die) };
    case 'after':
      return { kind: 'meanwhile', after: die };
  }
}

function say(word: RuntimeWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}
