import color from 'picocolors';
import { timeWords } from '../../core/plan/rollback-words.ts';
import type { Forecast } from '../../core/preflight/forecast.ts';
import { MIB } from '../../core/preflight/sizes.ts';
import { table } from './table.ts';

/** How long each step works and what it writes anew, with what each number is based on. */
export function forecastsView(forecasts: readonly Forecast[]): readonly string[] {
  const grows = forecasts.filter(({ time, copy }) => time.kind !== 'moment' || copy !== undefined);
  if (grows.length === 0) return [];
  const bases = new Set(
    grows.flatMap(({ time, copy }) => [time.basis, ...(copy === undefined ? [] : [copy.basis])]),
  );
  return [
    '',
    color.bold('HOW LONG, AND HOW MUCH'),
    table(
      ['step', 'works for', 'writes up to'],
      grows.map(({ stepId, time, copy }) => [
        stepId,
        timeWords(time),
        copy === undefined ? '' : `${Math.ceil(copy.bytes / MIB)} MiB`,
      ]),
    ),
    ...[...bases].map((basis) => color.dim(basis)),
    color.dim(
      'every other step changes the catalog alone; waiting for locks, gates and windows is not in it',
    ),
  ];
}
