import type { FastifyInstance, FastifyReply } from 'fastify';
import { accessKeyIdOf } from '../http/access-key.ts';
import { AwsError, internalFailure } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer } from '../http/listen.ts';

/** The service accepts requests of 16 MB (BatchWriteItem). */
const MAX_BODY_BYTES = 16_777_216;

const HOP_BY_HOP = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'transfer-encoding',
]);

/** Forwards every call to the DynamoDB at `upstream`, under the fault chosen for it. */
export function faultProxy(upstream: string, faults: Faults): FastifyInstance {
  const app = httpServer(MAX_BODY_BYTES);
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof AwsError ? error : internalFailure(String(error));
    const type = `com.amazonaws.dynamodb.v20120810#${known.code}`;
    return reply
      .status(known.status)
      .header('content-type', 'application/x-amz-json-1.0')
      .send(JSON.stringify({ __type: type, message: known.message }));
  });
  app.post<{ Body: Buffer | undefined }>('/', async (request, reply) => {
    const action = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const headers = forwarded(Object.entries(request.headers));
    const body = new Uint8Array(request.body ?? Buffer.alloc(0));
    const caller = accessKeyIdOf(request.headers.authorization);
    const call = await callUnder(faults('dynamodb', action, { caller }), () =>
      fetch(upstream, { method: 'POST', headers, body }),
    );
    if (call.kind === 'dropped') return dropConnection(reply);
    return relay(reply, call.value);
  });
  return app;
}

async function relay(reply: FastifyReply, answer: Response): Promise<FastifyReply> {
  // The checksum header stays right, because the bytes pass unchanged.
  const body = Buffer.from(await answer.arrayBuffer());
  return reply
    .status(answer.status)
    .headers(forwarded([...answer.headers]))
    .send(body);
}

function forwarded(
  headers: readonly (readonly [string, string | string[] | undefined])[],
): Record<string, string> {
  const kept = headers.filter(([name, value]) => value !== undefined && !HOP_BY_HOP.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
