import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { accessKeyIdOf } from '../http/access-key.ts';
import { AwsError, internalFailure, jsonErrorReply } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer } from '../http/listen.ts';
import type { EmbeddedLambda } from './embedded-lambda.ts';
import type { InvocationOutcome } from './invocation.ts';
import { parseFunctionReference } from './lambda-function.ts';
import { MAX_PAYLOAD_BYTES } from './payload.ts';

interface InvokeRoute {
  readonly Params: { readonly name: string };
  readonly Querystring: { readonly Qualifier?: string };
  readonly Body: Buffer | undefined;
}

/** The part of the REST API of Lambda that the product calls: synchronous `Invoke`. */
export function lambdaApi(lambda: EmbeddedLambda, faults: Faults): FastifyInstance {
  const app = httpServer(MAX_PAYLOAD_BYTES + 1);
  app.setErrorHandler((error: Error & { code?: string }, _request, reply) => {
    const known = error instanceof AwsError ? error : asAwsError(error);
    const answer = jsonErrorReply(known);
    void reply.status(answer.status).headers(answer.headers).send(answer.body);
  });
  app.post<InvokeRoute>('/2015-03-31/functions/:name/invocations', async (request, reply) => {
    refuseUnsupported(request);
    const detail = {
      caller: accessKeyIdOf(request.headers.authorization),
      functionName: parseFunctionReference(request.params.name).name,
    };
    const call = await callUnder(faults('lambda', 'Invoke', detail), () =>
      lambda.invoke(referenceOf(request), eventOf(request.body)),
    );
    if (call.kind === 'dropped') return dropConnection(reply);
    return answer(reply, call.value);
  });
  return app;
}

function referenceOf(request: FastifyRequest<InvokeRoute>): string {
  const { name } = request.params;
  const { Qualifier } = request.query;
  return Qualifier === undefined ? name : `${name}:${Qualifier}`;
}

function refuseUnsupported(request: FastifyRequest): void {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'RequestResponse') return;
  const message = `the embedded Lambda answers RequestResponse only, got ${String(type)}`;
  throw new AwsError('InvalidParameterValueException', 400, message);
}

function eventOf(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not parse request body into json: ${reason}`;
    throw new AwsError('InvalidRequestContentException', 400, message);
  }
}

function answer(reply: FastifyReply, outcome: InvocationOutcome): FastifyReply {
  void reply.status(200).headers({
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
  });
  if (outcome.kind === 'returned') return reply.send(JSON.stringify(outcome.payload));
  void reply.header('x-amz-function-error', 'Unhandled');
  return reply.send(JSON.stringify(outcome.functionError));
}

function asAwsError(error: Error & { code?: string }): AwsError {
  if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') return internalFailure(error.message);
  const message = `Request must be smaller than ${MAX_PAYLOAD_BYTES} bytes for the InvokeFunction operation`;
  return new AwsError('RequestTooLargeException', 413, message);
}
