import { z } from 'zod';
import { AwsError } from '../http/aws-error.ts';
import { MAX_NAME_LENGTH } from './limits.ts';

/** Parses a request document; a violation is answered with `ValidationException`, as a modelled constraint is. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `Value at '${path.join('.')}' failed to satisfy constraint: ${message}`,
  );
  const plural = problems.length === 1 ? 'error' : 'errors';
  throw new AwsError(
    'ValidationException',
    400,
    `${problems.length} validation ${plural} detected: ${problems.join('; ')}`,
  );
}

/** An ARN; whether it has the right form is answered with `InvalidArn` later. */
export const arnField = z.string().min(1).max(256);

/** `maxResults` and `nextToken` of every list. */
export const pageFields = {
  maxResults: z.number().int().min(0).max(1_000).optional(),
  nextToken: z.string().min(1).max(1_024).optional(),
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the service refuses
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

/** Names of state machines and executions; throws `InvalidName`. */
export function checkName(name: string): string {
  if (name.length > 0 && name.length <= MAX_NAME_LENGTH && !FORBIDDEN_IN_NAMES.test(name)) {
    return name;
  }
  throw new AwsError('InvalidName', 400, `Invalid Name: '${name}'`);
}
