import { z } from 'zod';
import { AwsError } from '../http/aws-error.ts';
import type { JsonAction } from './aws-json.ts';
import { MAX_DATA_BYTES } from './limits.ts';
import { parseRequest } from './request.ts';
import type { Json } from './states-language.ts';
import type { TaskTokens } from './task-tokens.ts';

const tokenField = z.string().min(1).max(2_048);
const successRequest = z.object({ taskToken: tokenField, output: z.string().max(MAX_DATA_BYTES) });
const failureRequest = z.object({
  taskToken: tokenField,
  error: z.string().max(256).default(''),
  cause: z.string().max(32_768).default(''),
});
const heartbeatRequest = z.object({ taskToken: tokenField });

/** `SendTaskSuccess`, `SendTaskFailure` and `SendTaskHeartbeat`. */
export function callbackActions(tokens: TaskTokens): Record<string, JsonAction> {
  return {
    SendTaskSuccess: (input) => {
      const { taskToken, output } = parseRequest(successRequest, input);
      tokens.settle(taskToken, { kind: 'succeeded', output: parseOutput(output) });
      return {};
    },
    SendTaskFailure: (input) => {
      const { taskToken, error, cause } = parseRequest(failureRequest, input);
      tokens.settle(taskToken, { kind: 'failed', error, cause });
      return {};
    },
    SendTaskHeartbeat: (input) => {
      tokens.beat(parseRequest(heartbeatRequest, input).taskToken);
      return {};
    },
  };
}

function parseOutput(output: string): Json {
  try {
    return JSON.parse(output) as Json;
  } catch {
    throw new AwsError('InvalidOutput', 400, `Invalid Output: 'output is not JSON'`);
  }
}
