import { Command } from 'commander';
import type { Cli } from './cli.ts';
import { addAbort } from './commands/abort.ts';
import { addApprove } from './commands/approve.ts';
import { addBaseline } from './commands/baseline.ts';
import { addConvert } from './commands/convert.ts';
import { addDemo } from './commands/demo.ts';
import { addDev } from './commands/dev.ts';
import { addDrift } from './commands/drift.ts';
import { addHistory } from './commands/history.ts';
import { addImport } from './commands/import.ts';
import { addInit } from './commands/init.ts';
import { addLint } from './commands/lint.ts';
import { addNew } from './commands/new.ts';
import { addPause } from './commands/pause.ts';
import { addPlan } from './commands/plan.ts';
import { addQuarantine } from './commands/quarantine.ts';
import { addReject } from './commands/reject.ts';
import { addRestore } from './commands/restore.ts';
import { addResume } from './commands/resume.ts';
import { addRollback } from './commands/rollback.ts';
import { addSignal } from './commands/signal.ts';
import { addSnapshots } from './commands/snapshots.ts';
import { addStart } from './commands/start.ts';
import { addStatus } from './commands/status.ts';
import { addTune } from './commands/tune.ts';
import { addWatch } from './commands/watch.ts';
import { acceptGlobalOptions, addGlobalOptions } from './global-options.ts';
import { packageVersion } from './version.ts';

/** Adds one verb to the program. */
type AddVerb = (program: Command, cli: Cli) => void;

/** In the order in which somebody needs them; the help shows them so. */
const VERBS: readonly (readonly [heading: string, verbs: readonly AddVerb[]])[] = [
  ['Project:', [addInit, addNew, addImport, addConvert, addPlan, addLint, addDrift, addBaseline]],
  ['Executions:', [addStart, addStatus, addWatch, addHistory]],
  [
    'Decisions:',
    [
      addSignal,
      addApprove,
      addReject,
      addPause,
      addResume,
      addTune,
      addQuarantine,
      addAbort,
      addRollback,
    ],
  ],
  ['Snapshots:', [addSnapshots, addRestore]],
  ['On this machine:', [addDev, addDemo]],
];

/**
 * The command line as commander runs it. It never ends the process and never writes by itself:
 * mistakes are thrown as `CommanderError`.
 * @param write receives help and the version
 */
export function buildProgram(cli: Cli, write: (text: string) => void): Command {
  const program = new Command('lockkeeper')
    .description('Change a production PostgreSQL schema without downtime, with a way back.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => undefined })
    .configureHelp({ showGlobalOptions: true });
  addGlobalOptions(program);
  program.addHelpCommand(
    new Command('help')
      .argument('[verb]', 'explain this verb')
      .description('show this, or explain a verb')
      .helpGroup('Project:'),
  );
  for (const [heading, verbs] of VERBS) {
    program.commandsGroup(heading);
    for (const add of verbs) add(program, cli);
  }
  for (const verb of program.commands) acceptGlobalOptions(verb);
  return program;
}
