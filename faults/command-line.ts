import { runCli } from '../lib/cli/run-cli.ts';

/** What one command line said and how it ended. */
export interface Said {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `lockkeeper` in a directory, as a pipeline would: nobody looks at it. */
export async function runHere(directory: string, argv: readonly string[]): Promise<Said> {
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
  });
  return { exitCode, out: out.trimEnd(), err: err.trimEnd() };
}
