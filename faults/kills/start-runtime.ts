import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RuntimeOptions, RuntimeWord } from './runtime-words.ts';

/** A runtime that serves. */
export interface Runtime {
  /** Settles when the process is gone, for whatever reason. */
  readonly gone: Promise<void>;
  readonly isGone: () => boolean;
  /** Ends it in order. @returns how many calls the functions made */
  stop(): Promise<number>;
}

const COMPILE_CACHE = join(tmpdir(), 'lockkeeper-kills-compile-cache');

const SCRIPT = fileURLToPath(new URL('./runtime.ts', import.meta.url));

/** Starts it and waits until it serves; settles as well when it dies before. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // It is started twice for each kill; compiling the CDK anew each time is most of a start.
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  const ready = Promise.withResolvers<void>();
  let calls = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const word = JSON.parse(line) as RuntimeWord;
    if (word.kind === 'ready') ready.resolve();
    else calls = word.calls;
  });
  const gone = once(child, 'exit').then(() => undefined);
  // Nothing outlives the process that started it.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  void gone.then(() => process.removeListener('exit', end));
  await Promise.race([ready.promise, gone]);
  return {
    gone,
    isGone: () => hasEnded(child),
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      return calls;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
