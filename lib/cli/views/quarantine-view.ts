import color from 'picocolors';
import type { ExecutionFlags } from '../../core/executions/execution.ts';
import type { RetriedRow } from '../../engine/backfill/retry-quarantine.ts';
import { count, moment } from './durations.ts';
import { principal } from './principal.ts';
import { table } from './table.ts';

export interface QuarantineFacts {
  readonly executionId: string;
  /** All of them; `rows` may be the first ones. */
  readonly total: number;
  readonly rows: readonly {
    readonly stepId: string;
    readonly key: string;
    readonly sqlstate: string | null;
    readonly message: string;
    readonly setAsideAt: number;
  }[];
  readonly accepted: NonNullable<ExecutionFlags['quarantineAccepted']> | null;
}

export function quarantineView({ executionId, total, rows, accepted }: QuarantineFacts): string {
  if (total === 0) return `${executionId}: nothing is in quarantine`;
  const shown = table(
    ['step', 'row', 'set aside', 'why'],
    rows.map((row) => [
      row.stepId,
      row.key,
      moment(row.setAsideAt),
      row.sqlstate === null ? row.message : `${row.message} (${row.sqlstate})`,
    ]),
  );
  const more = total > rows.length ? [color.dim(`and ${count(total - rows.length)} more`)] : [];
  const said =
    accepted === null
      ? 'contract waits until they are moved (--retry) or accepted (--accept --reason <text>)'
      : `${principal(accepted.by)} accepted those of before ${moment(accepted.at)}: ${accepted.reason}`;
  return [shown, ...more, '', said].join('\n');
}

export function retriedView(executionId: string, rows: readonly RetriedRow[]): string {
  const of = (kind: RetriedRow['kind']) => count(rows.filter((row) => row.kind === kind).length);
  const refused = rows.flatMap((row) =>
    row.kind === 'refused' ? [`  ${row.stepId} ${row.key}: ${row.reason}`] : [],
  );
  const words = `${of('moved')} rows moved, ${of('gone')} need nothing any more, ${of('refused')} stay`;
  return [`${executionId}: ${words}`, ...refused].join('\n');
}
