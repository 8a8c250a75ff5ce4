#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { env, stderr, stdout } from 'node:process';
import type { Terminal } from '../lib/cli/terminal.ts';

/** The command line: the process seen as a `Terminal`, and its exit code. */
const terminal: Terminal = {
  directory: process.cwd(),
  interactive: stdout.isTTY === true,
  variables: env,
  write: (text) => void stdout.write(text),
  tell: (text) => void stderr.write(text),
  interrupted: () =>
    new Promise((resolve) => {
      // Once each: a second Ctrl-C ends the process at once.
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    }),
};

// A third of the time to the first line of help is spent on compiling what has not changed.
enableCompileCache();
// picocolors decides when it is loaded, and would also colour what a CI system only stores.
if (!terminal.interactive && env['FORCE_COLOR'] === undefined) env['NO_COLOR'] ??= '1';
// `lockkeeper history | head` closes our output before we are done with it.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const { runCli } = await import('../lib/cli/run-cli.ts');
process.exitCode = await runCli(process.argv.slice(2), terminal);
