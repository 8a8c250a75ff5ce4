import color from 'picocolors';
import type { LockkeeperEvent } from '../../core/executions/event.ts';
import type { Execution } from '../../core/executions/execution.ts';
import { moment } from './durations.ts';
import { principal } from './principal.ts';
import { statusWord } from './status-view.ts';
import { table } from './table.ts';

/** Executions, newest first. */
export function executionsView(executions: readonly Execution[]): string {
  if (executions.length === 0) return 'there is no execution yet';
  return table(
    ['started', 'execution', 'status', 'by'],
    executions.map(({ startedAt, executionId, status, startedBy }) => [
      moment(startedAt),
      executionId,
      statusWord(status),
      principal(startedBy),
    ]),
  );
}

/** Everything that happened to one execution, oldest first. */
export function trailView(execution: Execution, events: readonly LockkeeperEvent[]): string {
  const rows = events.map((event) => [
    moment(event.at),
    event.kind,
    principal(event.by ?? ''),
    [...factsOf(event), ...(event.reason === undefined ? [] : [principal(event.reason)])].join(
      ' · ',
    ),
  ]);
  return [
    `${color.bold(execution.executionId)}  ${statusWord(execution.status)}  ${color.dim(execution.title)}`,
    table(['when', 'what', 'by', ''], rows),
  ].join('\n');
}

function factsOf({ facts = {} }: LockkeeperEvent): readonly string[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${shown(name, value)}`);
}

/** A hash is recognized by its beginning, and times are for people. */
function shown(name: string, value: string | number | boolean | null): string {
  if (name === 'planHash') return String(value).slice(0, 12);
  if (name.endsWith('At') && typeof value === 'number') return moment(value);
  return String(value);
}
