import color from 'picocolors';
import type { SignalFigures } from '../../core/backfill/signal-figures.ts';
import { type SignalUnit, signalKind } from '../../core/backfill/signals.ts';
import { count, duration } from './durations.ts';
import { table } from './table.ts';

/**
 * What the target says about itself, with the values at which a backfill holds and goes on; what
 * holds it now is marked.
 * @returns undefined while nothing is known
 */
export function loadView(load: readonly SignalFigures[]): string | undefined {
  if (load.length === 0) return undefined;
  const rows = load.map(({ signal, unit, value, holdsAt, goesOnAt, holds }) => {
    const cells = [
      signalKind(signal).title,
      typeof value === 'number' ? amount(value, unit) : SAID[value],
      holdsAt === undefined ? 'never' : amount(holdsAt, unit),
      goesOnAt === undefined ? '' : amount(goesOnAt, unit),
      holds ? 'holds it' : '',
    ];
    return holds ? cells.map((cell) => color.yellow(cell)) : cells;
  });
  return table(['load of the target', 'now', 'holds at', 'goes on at', ''], rows);
}

const SAID = { pending: 'not known', unreadable: 'unreadable' } as const;

function amount(value: number, unit: SignalUnit): string {
  switch (unit) {
    case 'ms':
      return duration(value);
    case '%':
      return `${value}%`;
    case 'sessions':
    case 'segments':
    case 'credits':
    case 'MB/s':
      return `${count(value)} ${unit}`;
    case 'yes or no':
      return value > 0 ? 'yes' : 'no';
  }
}
