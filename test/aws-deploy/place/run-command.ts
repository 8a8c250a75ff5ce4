import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and all that it wrote. */
export interface CommandResult {
  /** Exit code; 128 when a signal ended it; 127 when it could not be started. */
  readonly code: number;
  /** Both streams, in the order in which they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Replaces the environment as a whole. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `shown` writes to our own streams and keeps nothing. @default 'kept' */
  readonly output?: 'kept' | 'shown';
}

/** Runs a program to its end; a failure is a result, not an exception. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...(options.env ?? process.env) },
    stdio: options.output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: string) => {
    output += chunk;
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 128, output };
  } catch (error) {
    return { code: 127, output: `${command}: ${error instanceof Error ? error.message : error}` };
  }
}
