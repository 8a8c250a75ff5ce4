import { randomUUID } from 'node:crypto';
import { accessKeyIdOf } from '../http/access-key.ts';
import { AwsError, internalFailure } from '../http/aws-error.ts';
import { callUnder, type Faults } from '../http/faults.ts';
import { dropConnection, httpServer, type Listening, listen } from '../http/listen.ts';
import { type Caller, callerOf } from './caller.ts';
import { type SignedRequest, verifySignature } from './verify-signature.ts';

/** What the embedded STS starts with. */
export interface StsOptions {
  /** Asked as `('sts', 'GetCallerIdentity')` for every call. @default - no faults */
  readonly faults?: Faults;
  /** @default 0, a free port */
  readonly port?: number;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const MAX_BODY_BYTES = 65_536;

/** Serves `GetCallerIdentity` (query protocol) on 127.0.0.1. */
export async function startSts(options: StsOptions = {}): Promise<Listening> {
  const faults = options.faults ?? (() => undefined);
  const app = httpServer(MAX_BODY_BYTES);
  app.setErrorHandler((error, _request, reply) => {
    const known = error instanceof AwsError ? error : internalFailure(String(error));
    return reply.status(known.status).type('text/xml').send(errorXml(known));
  });
  app.post<{ Body: Buffer | undefined }>('/', async (request, reply) => {
    const action = new URLSearchParams(request.body?.toString()).get('Action') ?? '';
    const caller = accessKeyIdOf(request.headers.authorization);
    const call = await callUnder(faults('sts', action, { caller }), async () =>
      identify(action, {
        method: 'POST',
        headers: request.headers,
        body: request.body ?? Buffer.alloc(0),
      }),
    );
    if (call.kind === 'dropped') return dropConnection(reply);
    return reply.type('text/xml').send(identityXml(call.value));
  });
  return listen(app, options.port);
}

function identify(action: string, request: SignedRequest): Caller {
  if (action !== 'GetCallerIdentity') {
    throw new AwsError('InvalidAction', 400, `action '${action}' is not embedded`);
  }
  const authorization = request.headers['authorization'];
  const caller = callerOf(typeof authorization === 'string' ? authorization : undefined);
  if (caller === undefined) {
    throw new AwsError(
      'MissingAuthenticationToken',
      403,
      'Request is missing Authentication Token',
    );
  }
  verifySignature(request, Date.now());
  return caller;
}

function identityXml({ arn, userId, account }: Caller): string {
  return `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult><Arn>${escaped(arn)}</Arn><UserId>${escaped(userId)}</UserId><Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
}

function errorXml({ code, message, status }: AwsError): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  return `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
