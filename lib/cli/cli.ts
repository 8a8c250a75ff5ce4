import type { Command } from 'commander';
import type { CommandResult } from './command-result.ts';
import type { Connection } from './connection.ts';
import { type GlobalOptions, globalOptionsOf } from './global-options.ts';
import type { Output } from './output.ts';
import type { Project } from './project.ts';

/** What the wiring of every verb gets from whoever runs the program. */
export interface Cli {
  /** Where the program was called, absolute. */
  readonly directory: string;
  readonly output: Output;
  /** Whether a person looks at it. */
  readonly interactive: boolean;
  /** Shows a result; a verb has one. */
  print(result: CommandResult): void;
  /** Resolves when the person wants the program to end. */
  interrupted(): Promise<void>;
  openProject(options: GlobalOptions): Promise<Project>;
  /** @throws LockkeeperError when the environment cannot be reached */
  connect(project: Project, options: GlobalOptions): Promise<Connection>;
}

/** Runs a verb that needs the project's files only, and prints what it returns. */
export async function inProject(
  cli: Cli,
  verb: Command,
  work: (project: Project) => Promise<CommandResult>,
): Promise<void> {
  cli.print(await work(await cli.openProject(globalOptionsOf(verb))));
}

/** Runs a verb on an environment, prints what it returns and lets go of every connection. */
export async function onEnvironment(
  cli: Cli,
  verb: Command,
  work: (connection: Connection, project: Project) => Promise<CommandResult>,
): Promise<void> {
  const options = globalOptionsOf(verb);
  const project = await cli.openProject(options);
  const connection = await cli.connect(project, options);
  try {
    cli.print(await work(connection, project));
  } finally {
    await connection.close();
  }
}
