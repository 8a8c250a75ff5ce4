import { blockedBy } from '../sql/lock-conflicts.ts';
import type { Action, HashedPlan, Step } from './plan.ts';
import type { RollbackRow, RollbackTable } from './rollback-table.ts';
import { lossWords, rehearsalWords, timeWords } from './rollback-words.ts';
import { undoStatements } from './undo-statements.ts';

/** A plan for a pull request: what is done, under which locks, and the way back of each step. */
export function planMarkdown(
  { plan, hash }: HashedPlan,
  rollback: RollbackTable,
  obstacle: string | null,
): string {
  const hazards = plan.steps.flatMap((step, index) => hazardRows(step, index + 1));
  return [
    `## ${text(plan.title)}`,
    '',
    `${code(plan.migrationId)}, plan ${code(hash.slice(0, 12))}, PostgreSQL ${plan.serverVersion}`,
    ...(obstacle === null ? [] : ['', `**It would be refused now:** ${text(obstacle)}`]),
    '',
    '### Steps',
    '',
    '| # | Step | Phase | What | Locks |',
    '|---|---|---|---|---|',
    ...plan.steps.map((step, index) => stepRow(step, index + 1)),
    '',
    '### The way back',
    '',
    `${sentence(rollback.end)} Taking back all before that takes ${timeWords(rollback.wholeWay)}, besides waiting for locks.`,
    '',
    '| # | Step | Way back | Undo | Takes | Loses | Rehearsed |',
    '|---|---|---|---|---|---|---|',
    ...rollback.rows.map(rollbackRow),
    ...(hazards.length === 0
      ? []
      : ['', '### Hazards', '', '| # | Severity | Rule | What |', '|---|---|---|---|', ...hazards]),
  ].join('\n');
}

function stepRow(step: Step, number: number): string {
  switch (step.kind) {
    case 'check':
      return row(number, code(step.stepId), step.phase, code(step.query), 'none');
    case 'backfill': {
      const table = `${step.table.schema}.${step.table.name}`;
      return row(
        number,
        code(step.stepId),
        'backfill',
        `rows of ${code(table)}`,
        'rows of one batch',
      );
    }
    case 'statement': {
      const sql = undoStatements(step.action).join('; ');
      return row(number, code(step.stepId), step.phase, code(sql), locks(step.action));
    }
  }
}

function locks(action: Action): string {
  if (action.locks.length === 0) return 'none';
  return action.locks
    .map(({ relation, mode }) => `${code(relation)}: ${mode} (blocks ${blockedBy(mode)})`)
    .join(', ');
}

function rollbackRow({ number, stepId, wayBack, undo, time, loses, rehearsed }: RollbackRow) {
  const takes = `${timeWords(time)} (${text(time.basis)})`;
  return row(
    number,
    code(stepId),
    wayBack,
    code(undo),
    takes,
    text(lossWords(loses)),
    rehearsalWords(rehearsed),
  );
}

function hazardRows(step: Step, number: number): readonly string[] {
  if (step.kind !== 'statement') return [];
  return step.findings.map(({ severity, rule, message, acceptedBecause }) => {
    const accepted = acceptedBecause === undefined ? '' : `; accepted: ${acceptedBecause}`;
    return row(number, severity, code(rule), text(`${message}${accepted}`));
  });
}

const row = (...cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

function text(words: string): string {
  return words.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');
}

function code(words: string): string {
  return `\`${words.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()}\``;
}

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${text(words.slice(1))}.`;
