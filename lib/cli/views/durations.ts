/** `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 2 h`: two units at most, for people. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const units: readonly (readonly [number, string])[] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ];
  const first = units.findIndex(([size]) => ms >= size);
  return units
    .slice(first, first + 2)
    .map(([size, unit], index) => ({
      unit,
      count: Math.floor(index === 0 ? ms / size : (ms % (units[first]?.[0] ?? 1)) / size),
    }))
    .filter(({ count }, index) => index === 0 || count > 0)
    .map(({ count, unit }) => `${count} ${unit}`)
    .join(' ');
}

/** `2026-11-22 16:30:05Z`. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `16:30:05`, UTC: the day does not matter to who follows along. */
export function clockTime(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
