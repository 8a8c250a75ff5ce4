const TIMESTAMPTZ =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/;

/**
 * The fraction as AWS prints it: none when it is zero, milliseconds when they are exact,
 * microseconds otherwise. @param digits up to six digits, trailing zeros cut off
 */
function fraction(digits: string): string {
  const micros = digits.padEnd(6, '0');
  if (Number(micros) === 0) return '';
  return micros.endsWith('000') ? `.${micros.slice(0, 3)}` : `.${micros}`;
}

/** A `time` or `timestamp` without zone: only its fraction is printed differently. */
export function timeText(text: string): string {
  return text.replace(/\.(\d+)/, (_match, digits: string) => fraction(digits));
}

/**
 * A `timestamptz` in UTC, without an offset, whatever the session's TimeZone is.
 * Infinities and years BC are returned as PostgreSQL prints them.
 */
export function timestamptzText(text: string): string {
  const match = TIMESTAMPTZ.exec(text);
  if (match === null) return text;
  const [, year, month, day, hour, minute, second, digits = '', sign, ...offset] = match;
  const [hours, minutes, seconds] = offset.map((part) => Number(part ?? 0));
  const offsetSeconds = ((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  const utc = new Date(0);
  // Unlike Date.UTC, setUTCFullYear does not turn the year 99 into 1999.
  utc.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const shift = sign === '-' ? offsetSeconds : -offsetSeconds;
  utc.setUTCHours(Number(hour), Number(minute), Number(second) + shift);
  const date = `${String(utc.getUTCFullYear()).padStart(4, '0')}-${two(utc.getUTCMonth() + 1)}-${two(utc.getUTCDate())}`;
  const time = `${two(utc.getUTCHours())}:${two(utc.getUTCMinutes())}:${two(utc.getUTCSeconds())}`;
  return `${date} ${time}${fraction(digits)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
