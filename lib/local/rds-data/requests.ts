import { z } from 'zod';
import { badRequest, validation } from './errors.ts';

/** A whole number that does not fit a JavaScript number keeps its digits as text. */
const long = z.union([z.number().int(), z.string().regex(/^-?\d+$/)]);

const field = z.strictObject({
  isNull: z.boolean().optional(),
  booleanValue: z.boolean().optional(),
  longValue: long.optional(),
  // A double may be written without a fraction, and NaN and the infinities as strings.
  doubleValue: z.union([z.number(), z.string()]).optional(),
  stringValue: z.string().optional(),
  blobValue: z.string().optional(),
  arrayValue: z.unknown().optional(),
});

const parameter = z.strictObject({
  name: z.string().optional(),
  value: field.optional(),
  typeHint: z.enum(['JSON', 'UUID', 'TIMESTAMP', 'DATE', 'TIME', 'DECIMAL']).optional(),
});

const arn = z.string().min(11).max(100);
const transactionId = z.string().max(192);
const target = {
  resourceArn: arn,
  secretArn: arn,
  database: z.string().max(64).optional(),
  schema: z.string().optional(),
};
const sql = z.string().max(65_536);

const shapes = {
  ExecuteStatement: z.object({
    ...target,
    sql,
    parameters: z.array(parameter).default([]),
    transactionId: transactionId.optional(),
    includeResultMetadata: z.boolean().default(false),
    continueAfterTimeout: z.boolean().default(false),
    formatRecordsAs: z.enum(['NONE', 'JSON']).default('NONE'),
    resultSetOptions: z
      .object({
        decimalReturnType: z.enum(['STRING', 'DOUBLE_OR_LONG']).default('STRING'),
        longReturnType: z.enum(['LONG', 'STRING']).default('LONG'),
      })
      .default({ decimalReturnType: 'STRING', longReturnType: 'LONG' }),
  }),
  BatchExecuteStatement: z.object({
    ...target,
    sql,
    parameterSets: z.array(z.array(parameter)).default([]),
    transactionId: transactionId.optional(),
  }),
  BeginTransaction: z.object(target),
  CommitTransaction: z.object({ resourceArn: arn, secretArn: arn, transactionId }),
  RollbackTransaction: z.object({ resourceArn: arn, secretArn: arn, transactionId }),
};

/** The five calls of the Data API that Aurora Serverless v2 and provisioned clusters know. */
export type Action = keyof typeof shapes;
/** The checked body of one call. */
export type Request<A extends Action> = Readonly<z.infer<(typeof shapes)[A]>>;
export type SqlParameter = Readonly<z.infer<typeof parameter>>;
export type ResultSetOptions = Request<'ExecuteStatement'>['resultSetOptions'];

/**
 * Reads and checks a call's body.
 * @throws AwsError `ValidationException` naming every member that is wrong
 */
export function parseRequest<A extends Action>(action: A, body: string): Request<A> {
  const parsed = shapes[action].safeParse(parseBody(body));
  if (!parsed.success) {
    const { issues } = parsed.error;
    const wrong = issues.map((issue) => `Value at '${issue.path.join('.')}': ${issue.message}`);
    const errors = issues.length === 1 ? 'error' : 'errors';
    throw validation(`${issues.length} validation ${errors} detected: ${wrong.join('; ')}`);
  }
  if ('schema' in parsed.data && parsed.data.schema !== undefined) {
    throw validation("The schema parameter isn't supported");
  }
  return parsed.data as Request<A>;
}

type NumberReviver = (
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

/** bigint columns reach 2^63, so integers past 2^53 are kept as the text they were sent as. */
const keepDigits: NumberReviver = (_key, value, { source }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
    ? source
    : value;

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body, keepDigits as Parameters<typeof JSON.parse>[1]);
  } catch {
    throw badRequest('the request body is not JSON');
  }
}
