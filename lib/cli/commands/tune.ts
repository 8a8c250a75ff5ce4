import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  SIGNAL_NAMES,
  type SignalName,
  type SignalUnit,
  signalKind,
} from '../../core/backfill/signals.ts';
import {
  KNOBS,
  type KnobName,
  MODES,
  type Mode,
  type Tuning,
  tuningProblems,
} from '../../core/backfill/tuning.ts';
import { LockkeeperError } from '../../core/errors.ts';
import { executionAtWork } from '../at-work.ts';
import { type Cli, onEnvironment } from '../cli.ts';
import type { CommandResult } from '../command-result.ts';
import type { Connection } from '../connection.ts';
import { durationArgument } from '../duration-argument.ts';
import { sendDecision } from '../send-decision.ts';
import { count, duration } from '../views/durations.ts';

export interface TuneArguments {
  readonly execution: string | undefined;
  /** What is changed; everything else stays as it was tuned before. */
  readonly change: Tuning;
  readonly mode: Mode | undefined;
  /** Forgets what was tuned before. */
  readonly reset: boolean;
  readonly reason: string;
}

/**
 * Changes the pace of a running backfill, from its next batch on.
 * @throws LockkeeperError NotAllowed with the range of each value that is out of it
 */
export async function tune(
  connection: Connection,
  { execution: name, change, mode, reset, reason }: TuneArguments,
): Promise<CommandResult> {
  const wanted = { ...(mode && MODES[mode]), ...change };
  if (!reset && Object.keys(wanted).length === 0) {
    throw new LockkeeperError('NotAllowed', 'nothing is to be tuned', {
      fix: 'give a value such as --batch-target 50ms, a --mode, or --reset',
    });
  }
  const problems = tuningProblems(wanted);
  if (problems.length > 0) throw new LockkeeperError('NotAllowed', problems.join('; '));
  const execution = await executionAtWork(connection, name);
  const { tuning: before = {} } = await connection.control.getFlags(execution.executionId);
  const tuning = { ...(reset ? {} : before), ...wanted };
  return sendDecision(connection, execution, { kind: 'tune', tuning, reason });
}

export function addTune(program: Command, cli: Cli): void {
  const verb = program
    .command('tune')
    .description('change the pace of a running backfill, and what holds it')
    .argument('[execution]', 'id of an execution, or a migration (default: the newest)')
    .addOption(
      new Option(
        '--mode <mode>',
        'quiet: batches of 250 ms; busy: 50 ms, and as long a pause',
      ).choices(Object.keys(MODES)),
    )
    .option(
      '--batch-target <duration>',
      `what one batch should take (${range('batchTarget')})`,
      durationArgument,
    )
    .option('--max-rows <rows>', `rows of a batch at most (${range('maxRows')})`, numberArgument)
    .option('--pause <duration>', `idle time between batches (${range('pause')})`, durationArgument)
    .option('--workers <number>', `ranges of the key (${range('workers')})`, numberArgument);
  for (const option of SIGNAL_NAMES.flatMap(holdOption)) verb.addOption(option);
  verb
    .option('--reset', 'forget what was tuned before', false)
    .option('--reason <text>', 'why, for the audit trail', 'tuned on the command line')
    .action(
      async (
        execution: string | undefined,
        { mode, reset, reason, ...change }: Flags,
        called: Command,
      ) =>
        onEnvironment(cli, called, (connection) =>
          tune(connection, { execution, change, mode, reset, reason }),
        ),
    );
}

/** `--hold-lag <duration>`; none for a signal that cannot be overruled. */
function holdOption(signal: SignalName): readonly Option[] {
  const { title, unit, hold, resume, byDefault, knob } = signalKind(signal);
  if (knob === undefined) return [];
  const flag = knob.name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const from = resume > hold ? 'so few' : 'so much';
  const said = (value: number) => (unit === 'ms' ? duration(value) : count(value));
  const own = byDefault === 'holds' ? said(hold) : 'never';
  const option = new Option(
    `--${flag} <${PLACEHOLDERS[unit]}>`,
    `hold at ${from}: ${title} (${said(knob.min)} to ${said(knob.max)}; unless tuned: ${own})`,
  );
  return [option.argParser(unit === 'ms' ? durationArgument : numberArgument)];
}

const PLACEHOLDERS: Readonly<Record<SignalUnit, string>> = {
  ms: 'duration',
  sessions: 'sessions',
  'MB/s': 'mb',
  segments: 'segments',
  '%': 'percent',
  credits: 'credits',
  'yes or no': 'yes-or-no',
};

interface Flags extends Tuning {
  readonly mode: Mode | undefined;
  readonly reset: boolean;
  readonly reason: string;
}

function range(name: KnobName): string {
  const { unit, min, max } = KNOBS[name];
  return `${min} to ${max} ${unit}`;
}

function numberArgument(text: string): number {
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('write a number');
}
