import type { EpochMs } from '../core/ids.ts';
import type { StepProgress } from '../ports/control-store.ts';
import type { Output } from './output.ts';
import { clockTime, count } from './views/durations.ts';
import { gateLine, type StatusFacts } from './views/status-view.ts';
import { timeLeft } from './views/time-left.ts';

/** How often the figures of a running backfill are worth a line of a log. */
const FIGURES_EVERY_MS = 10_000;

/**
 * Tells what is new since the last look, one line each, for logs and for people who follow.
 * @returns to be called after each look
 */
export function changeTeller(output: Output): (facts: StatusFacts, now: EpochMs) => void {
  const told = new Map<string, string>();
  let figuresAt = 0;
  return (facts, now) => {
    const say = (about: string, line: string | undefined) => {
      if (told.get(about) === line) return;
      if (line === undefined) {
        told.delete(about);
        return;
      }
      told.set(about, line);
      output.progress(`${clockTime(now)}  ${line}`);
    };
    const { execution } = facts;
    say('status', `${execution.status}: ${execution.activity}`);
    say('paused', facts.flags.paused ? 'paused by an operator' : undefined);
    for (const gate of facts.gates) {
      const key = `gate ${gate.name} ${gate.approvals.length} ${gate.decision?.kind ?? ''}`;
      if (!told.has(key)) say(key, `gate ${gateLine(gate, facts.signals, now)}`);
      const found = gate.decision === undefined ? gate.comparison?.found : undefined;
      say(`compared ${gate.name}`, found?.kind === 'different' ? found.reason : undefined);
    }
    const withFigures = now - figuresAt >= FIGURES_EVERY_MS;
    if (withFigures) figuresAt = now;
    for (const step of facts.progress) {
      say(`step ${step.stepId}`, `${step.stepId}: ${step.state}${noteOf(step)}`);
      if (withFigures) say(`figures ${step.stepId}`, figuresOf(step));
    }
    const commands = facts.next.filter((command) => !command.startsWith('lockkeeper watch'));
    say('next', commands.length === 0 ? undefined : ['next:', ...commands].join('\n            '));
  };
}

function noteOf({ note, state }: StepProgress): string {
  return note !== undefined && (state === 'failed' || state === 'held') ? ` (${note})` : '';
}

function figuresOf(step: StepProgress): string | undefined {
  if (step.state !== 'running' || step.rowsDone === undefined) return undefined;
  const total = step.rowsTotal === undefined ? '' : ` of about ${count(step.rowsTotal)}`;
  const left = timeLeft(step);
  return `${step.stepId}: ${count(step.rowsDone)}${total} rows${left === undefined ? '' : `, ${left}`}`;
}
