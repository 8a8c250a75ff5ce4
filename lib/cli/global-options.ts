import { type Command, Option } from 'commander';

/** What every verb understands. */
export interface GlobalOptions {
  /** Name of the environment. @default - the only one, else `embedded` */
  readonly env?: string;
  /** One JSON value on standard output instead of text. @default false */
  readonly json?: boolean;
  /** Where the project is. @default - the current directory */
  readonly project?: string;
  /** Embedded environments only: who is calling. @default - the name of the OS user */
  readonly as?: string;
}

const GLOBAL_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ['--env <name>', 'environment of lockkeeper.yaml (default: the only one, else embedded)'],
  ['--json', 'print one JSON value on standard output'],
  ['--project <dir>', 'directory of the project (default: this one, or one above)'],
  ['--as <name>', 'who is calling, in embedded environments (default: you)'],
  ['--no-color', 'no colours; NO_COLOR does the same'],
];

/** Before the verb, where the help shows them. */
export function addGlobalOptions(program: Command): void {
  for (const [flags, description] of GLOBAL_OPTIONS) program.option(flags, description);
}

/**
 * After the verb as well. They are its own options there, because a verb may have an option that
 * the program uses for something else (`signal --version`).
 */
export function acceptGlobalOptions(verb: Command): void {
  for (const [flags, description] of GLOBAL_OPTIONS) {
    verb.addOption(new Option(flags, description).hideHelp());
  }
}

export function globalOptionsOf(verb: Command): GlobalOptions {
  const { env, json, project, as } = verb.optsWithGlobals<GlobalOptions>();
  return {
    ...(env !== undefined && { env }),
    ...(json !== undefined && { json }),
    ...(project !== undefined && { project }),
    ...(as !== undefined && { as }),
  };
}
