import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Command } from 'commander';
import type { Cli } from '../../lib/cli/cli.ts';
import { EXIT_CODES, exitCodeOfError, exitCodeOfStatus } from '../../lib/cli/exit-codes.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { ERROR_CODES, type ErrorCode } from '../../lib/core/errors.ts';
import { EXECUTION_STATUSES } from '../../lib/core/executions/execution.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const program = buildProgram({} as Cli, () => undefined);
const verbs = program.commands.filter((verb) => verb.name() !== 'help');

/** The part of the page under a heading, up to the next one. */
function section(heading: string): string {
  const start = page.indexOf(`${heading}\n`);
  const end = page.indexOf('\n#', start + heading.length);
  return start < 0 ? '' : page.slice(start, end < 0 ? undefined : end);
}

/** First cells of the tables of a text, without their code marks. */
function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| `?([^|`]+)`? \|/gm)].map(([, cell = '']) => cell);
}

const usage = (verb: Command) =>
  ['### `lockkeeper', verb.name(), ...verb.registeredArguments.map(argumentOf)].join(' ');
const argumentOf = (argument: Command['registeredArguments'][number]) =>
  argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;

describe('docs/cli.md', () => {
  it('has each verb with its arguments, in the order of the help, and no other', () => {
    const headings = [...page.matchAll(/^### `lockkeeper .*$/gm)].map(([heading]) => heading);
    expect(headings).toEqual(verbs.map((verb) => `${usage(verb)}\``));
  });

  it.each(verbs.map((verb) => [verb.name(), verb] as const))(
    'has each option of %s and no other',
    (_name, verb) => {
      const options = verb.options.filter((option) => !option.hidden).map(({ flags }) => flags);
      const documented = firstCells(section(`${usage(verb)}\``)).filter((cell) =>
        cell.startsWith('-'),
      );
      expect(documented).toEqual(options);
    },
  );

  it('has each option of every verb', () => {
    const documented = firstCells(section('## Options of every verb')).filter((cell) =>
      cell.startsWith('-'),
    );
    const options = program.options.map(({ flags }) => flags);
    expect([...documented].sort()).toEqual([...options, '-h, --help'].sort());
  });

  it('has each exit code with its name', () => {
    const rows = [...section('## Exit codes').matchAll(/^\| (\d+) \| `(\w+)` \|/gm)];
    const documented = rows.map(([, code, name]) => [name, Number(code)]);
    expect(documented).toEqual(Object.entries(EXIT_CODES));
  });
});

describe('exit codes', () => {
  it('are all different', () => {
    const codes = Object.values(EXIT_CODES);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('of a status tell apart every bad end', () => {
    const codes = EXECUTION_STATUSES.map((status) => [status, exitCodeOfStatus(status)]);
    expect(Object.fromEntries(codes)).toEqual({
      starting: 0,
      running: 0,
      'rolling-back': 0,
      succeeded: 0,
      rejected: 3,
      'rolled-back': 4,
      'rollback-failed': 5,
      'forward-fix-required': 6,
      restored: 5,
      'restore-failed': 12,
    });
  });

  it('of an error that the user can put right is never the unexpected one', () => {
    const user = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(
      (code) => ERROR_CODES[code].source === 'user' && code !== 'StatementFailed',
    );
    for (const code of user) {
      expect([code, exitCodeOfError(code)]).not.toEqual([code, EXIT_CODES.unexpected]);
    }
  });
});
