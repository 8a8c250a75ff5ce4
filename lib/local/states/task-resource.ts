/** What a Task state's `Resource` asks for. */
export type TaskResource =
  /** `arn:aws:states:::lambda:invoke`: the result is `{StatusCode, Payload, ...}`. */
  | { readonly kind: 'invoke' }
  /** `...:lambda:invoke.waitForTaskToken`: the result is what `SendTaskSuccess` brings. */
  | { readonly kind: 'callback' }
  /** The ARN of a function: its input is the payload and its result is the task's. */
  | { readonly kind: 'function'; readonly functionArn: string };

/** Reads a `Resource`; `undefined` for integrations that the embedded runtime does not execute. */
export function readTaskResource(resource: string): TaskResource | undefined {
  const integration = /^arn:aws[a-z-]*:states:[^:]*:[^:]*:(.+)$/.exec(resource)?.[1];
  if (integration === 'lambda:invoke') return { kind: 'invoke' };
  if (integration === 'lambda:invoke.waitForTaskToken') return { kind: 'callback' };
  if (/^arn:aws[a-z-]*:lambda:[^:]*:\d{12}:function:.+$/.test(resource)) {
    return { kind: 'function', functionArn: resource };
  }
  return undefined;
}
