import type { FastifyInstance, FastifyReply } from 'fastify';
import { accessKeyIdOf } from '../http/access-key.ts';
import { AwsError, internalFailure, jsonErrorReply } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer } from '../http/listen.ts';

/** One operation: takes the request document, returns the response document. */
export type JsonAction = (input: unknown) => object | Promise<object>;

/** A service that speaks the AWS JSON protocol: `POST /` with `X-Amz-Target: <target>.<Action>`. */
export interface JsonService {
  /** Name that faults are asked for, e.g. `states`. */
  readonly name: string;
  /** What comes before the dot, e.g. `AWSStepFunctions`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly actions: Readonly<Record<string, JsonAction>>;
  readonly faults: Faults;
}

/** The largest request of the services that speak this protocol: a 1 MB definition with its escapes. */
const MAX_BODY_BYTES = 4_194_304;

/** Serves `service`; refusals are thrown as `AwsError`. */
export function jsonServiceApp(service: JsonService): FastifyInstance {
  const app = httpServer(MAX_BODY_BYTES);
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof AwsError ? error : internalFailure(String(error));
    const answer = jsonErrorReply(known);
    return send(reply.headers(answer.headers), service, answer.status, answer.body);
  });
  app.post<{ Body: Buffer | undefined }>('/', async (request, reply) => {
    const name = actionName(service, request.headers['x-amz-target']);
    const action = service.actions[name];
    if (action === undefined) throw unknownOperation(name);
    const input = parse(request.body);
    const caller = accessKeyIdOf(request.headers.authorization);
    const fault = service.faults(service.name, name, { caller });
    const call = await callUnder(fault, async () => action(input));
    if (call.kind === 'dropped') return dropConnection(reply);
    return send(reply, service, 200, JSON.stringify(call.value));
  });
  return app;
}

function send(reply: FastifyReply, service: JsonService, status: number, body: string) {
  const contentType = `application/x-amz-json-${service.version}`;
  return reply.status(status).header('content-type', contentType).send(body);
}

function actionName(service: JsonService, header: string | string[] | undefined): string {
  const [target, name = ''] = String(header ?? '').split('.');
  if (target !== service.target) throw unknownOperation(String(header));
  return name;
}

function unknownOperation(name: string): AwsError {
  return new AwsError('UnknownOperationException', 400, `operation '${name}' is not embedded`);
}

function parse(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new AwsError('SerializationException', 400, 'the request body is not JSON');
  }
}
