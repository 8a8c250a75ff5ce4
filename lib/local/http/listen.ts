import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';

/** A server of the embedded AWS that accepts calls. */
export interface Listening {
  /** `http://127.0.0.1:<port>`, what an SDK client takes as `endpoint`. */
  readonly url: string;
  /** Stops accepting calls and breaks the open connections. */
  close(): Promise<void>;
}

/**
 * An HTTP server with nothing on it. It reads every body as bytes: AWS protocols are told apart
 * by target and path, not by content type.
 * @param bodyLimitBytes longer bodies are refused with `FST_ERR_CTP_BODY_TOO_LARGE`
 */
export function httpServer(bodyLimitBytes: number): FastifyInstance {
  const app = Fastify({ bodyLimit: bodyLimitBytes, forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  return app;
}

/** @param port @default 0, a free port. Only this machine can connect. */
export async function listen(app: FastifyInstance, port = 0): Promise<Listening> {
  const url = await app.listen({ host: '127.0.0.1', port });
  return { url, close: () => app.close() };
}

/** Breaks the caller's connection without an answer, as a lost network would. */
export function dropConnection(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.destroy();
}
