import type { Rehearsed, RollbackTime } from './rollback-table.ts';

/** How long, in a few words: `no time`, `milliseconds`, `0.4 s to 1.7 s`, `not known`. */
export function timeWords(time: RollbackTime): string {
  switch (time.kind) {
    case 'nothing':
      return 'no time';
    case 'moment':
      return 'milliseconds';
    case 'unknown':
      return 'not known';
    case 'range':
      return time.toMs < 1_000 ? 'under 1 s' : `${seconds(time.fromMs)} to ${seconds(time.toMs)}`;
  }
}

function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** What is lost, without how that comes: `nothing`, `every write since the snapshot`. */
export function lossWords(loses: string): string {
  return loses.split(':')[0] ?? loses;
}

/** `undone in staging`, `applied in staging`, `not rehearsed`. */
export function rehearsalWords(rehearsed: Rehearsed): string {
  return rehearsed.kind === 'no'
    ? 'not rehearsed'
    : `${rehearsed.kind} in ${rehearsed.environment}`;
}
