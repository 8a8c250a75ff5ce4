/** `1,080,000` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `0.42 ms`, `37 ms`, `4.2 s` or `1 min 05 s` */
export function milliseconds(value: number): string {
  if (value < 10) return `${value.toFixed(2).replace(/\.?0+$/, '')} ms`;
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1_000).toFixed(1).replace('.0', '')} s`;
  const seconds = Math.round(value / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Rows in a second; a backfill that took no measurable time has no rate. */
export function rate(rows: number, durationMs: number): string {
  return durationMs > 0 ? `${count((rows / durationMs) * 1_000)}/s` : '-';
}
