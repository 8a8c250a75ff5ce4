import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and all that it wrote. */
export interface CommandResult {
  /** Exit code; 128 when a signal ended it; 127 when it did not start or was aborted. */
  readonly code: number;
  readonly stdout: string;
  /** Both streams, in the order in which they came. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Replaces the environment as a whole. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `shown` writes to our own streams and keeps nothing. @default 'kept' */
  readonly output?: 'kept' | 'shown';
  /** Ends the program. @default - nobody does */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end; a failure is a result, not an exception. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.signal !== undefined && { signal: options.signal }),
    env: { ...(options.env ?? process.env) },
    stdio: options.output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    output += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? 128, stdout, output };
  } catch (error) {
    return {
      code: 127,
      stdout,
      output: `${command}: ${error instanceof Error ? error.message : error}`,
    };
  }
}
