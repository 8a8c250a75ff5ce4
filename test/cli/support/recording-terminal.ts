import { runCli } from '../../../lib/cli/run-cli.ts';
import type { Terminal } from '../../../lib/cli/terminal.ts';

/** What one command line said and how it ended. */
export interface Said {
  readonly exitCode: number;
  /** Standard output, without the last line feed. */
  readonly out: string;
  /** Standard error, without the last line feed. */
  readonly err: string;
}

/** Runs a command line in a directory, as a pipeline would: nobody looks at it. */
export async function run(
  directory: string,
  argv: readonly string[],
  more: Partial<Terminal> = {},
): Promise<Said> {
  let out = '';
  let err = '';
  const exitCode = await runCli(argv, {
    directory,
    interactive: false,
    variables: {},
    write: (text) => {
      out += text;
    },
    tell: (text) => {
      err += text;
    },
    interrupted: () => Promise.resolve(),
    ...more,
  });
  return { exitCode, out: out.trimEnd(), err: err.trimEnd() };
}

/** The value that a command line with `--json` printed. */
export function jsonOf<T>({ out }: Said): T {
  return JSON.parse(out) as T;
}
