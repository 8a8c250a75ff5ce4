/** A function that the embedded Lambda can run: what `CreateFunction` would be given, minus what needs a container. */
export interface LambdaFunction {
  readonly name: string;
  /** Directory that holds `index.mjs`, `index.js` or `index.cjs`; the unzipped deployment package. */
  readonly bundlePath: string;
  /** `file.export`, as on AWS. @default 'index.handler' */
  readonly handler?: string;
  /** Environment variables; nothing of the host process is inherited. @default - none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds, 1 to 900. @default 3, the default of the service */
  readonly timeoutSeconds?: number;
  /** MiB; bounds the heap of each execution environment. @default 128, the default of the service */
  readonly memoryMb?: number;
  /** Most invocations at one time; more are refused with `TooManyRequestsException`. @default - unlimited */
  readonly reservedConcurrency?: number;
  /** Milliseconds that its clock is ahead of the real time, or behind it when negative. @default 0 */
  readonly clockSkewMs?: number;
}

/** The account that every embedded service answers for. */
export const EMBEDDED_ACCOUNT = '000000000000';

/** The region that every embedded service answers for. */
export const EMBEDDED_REGION = 'us-east-1';

/** The unqualified ARN of the function `name`. */
export function lambdaFunctionArn(name: string): string {
  return `arn:aws:lambda:${EMBEDDED_REGION}:${EMBEDDED_ACCOUNT}:function:${name}`;
}

/** A function reference taken apart. */
export interface FunctionReference {
  readonly name: string;
  /** Version (`3`, `$LATEST`) or alias (`live`), when the reference has one. */
  readonly qualifier: string | undefined;
}

/**
 * Reads every form that the service accepts as `FunctionName`: `name`, `name:live`, `000000000000:function:name` and
 * the full ARN with or without a version or alias.
 */
export function parseFunctionReference(reference: string): FunctionReference {
  const local = reference.includes(':function:')
    ? reference.slice(reference.indexOf(':function:') + ':function:'.length)
    : reference;
  const [name = '', qualifier] = local.split(':');
  return { name, qualifier };
}
