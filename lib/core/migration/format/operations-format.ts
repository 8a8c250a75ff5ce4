import { z } from 'zod';
import { findOperation, OPERATIONS } from '../../operations/all-operations.ts';
import type { Guidance } from './vocabulary.ts';

/** An operation whose shape is right. */
export interface OperationDeclaration {
  readonly name: string;
  readonly declared: unknown;
}

const NAMES = OPERATIONS.map(({ name }) => name);

/**
 * One entry of `operations`: a mapping with one key, the operation's name. The name decides which
 * format the rest must have, so that a mistake is explained in terms of what was meant.
 */
export const OperationFormat = z
  .unknown()
  .transform((found, context): OperationDeclaration => {
    const keys = typeof found === 'object' && found !== null ? Object.keys(found) : [];
    const [name, another] = keys;
    const operation = name === undefined ? undefined : findOperation(name);
    if (name === undefined || another !== undefined || operation === undefined) {
      context.addIssue({
        code: 'custom',
        message: `a mapping with one of ${NAMES.join(', ')}`,
        path: operation === undefined && name !== undefined && another === undefined ? [name] : [],
        params: { rule: 'unknown-operation' } satisfies Guidance,
      });
      return z.NEVER;
    }
    const result = operation.format.safeParse((found as Record<string, unknown>)[name]);
    if (result.success) return { name, declared: result.data };
    for (const issue of result.error.issues) {
      context.addIssue({ ...issue, path: [name, ...issue.path] });
    }
    return z.NEVER;
  })
  .meta({
    description: 'One declarative operation.',
    oneOf: OPERATIONS.map(({ name }) => ({
      type: 'object',
      properties: { [name]: { $ref: `#/$defs/${name}` } },
      required: [name],
      additionalProperties: false,
    })),
  });

/** The formats of the operations, for `$defs` of the published schema. */
export function operationDefinitions(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    OPERATIONS.flatMap(({ name, format }) => {
      const { $defs = {}, $schema: _, ...definition } = z.toJSONSchema(format, { io: 'input' });
      // A format with an id of its own is in its `$defs` already.
      const own = '$ref' in definition ? [] : [[name, definition] as const];
      return [...Object.entries($defs), ...own];
    }),
  );
}
