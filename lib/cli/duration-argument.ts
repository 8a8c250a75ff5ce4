import { InvalidArgumentError } from 'commander';
import ms from 'ms';
import { type DurationMs, durationMs } from '../core/ids.ts';

const FORM = /^[0-9]+(?:\.[0-9]+)? ?(?:ms|s|m|h|d)$/;

/** `90s`, `30m`, `4h`: a length of time with its unit, as in migration.yaml. */
export function durationArgument(text: string): DurationMs {
  if (FORM.test(text)) return durationMs(ms(text as ms.StringValue));
  throw new InvalidArgumentError('write a length of time with its unit, such as 90s, 30m or 4h');
}
