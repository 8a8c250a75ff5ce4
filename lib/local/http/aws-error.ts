/**
 * An error as an AWS service puts it on the wire. Embedded services throw it; the protocol layer
 * (REST-JSON or query-XML) writes it the way the real SDK client parses it.
 */
export class AwsError extends Error {
  /** The error code the SDK turns into `error.name`, such as `DBClusterNotFoundFault`. */
  readonly code: string;
  /** HTTP status; below 500 the SDK calls it a client fault and does not retry it. */
  readonly status: number;
  /** Members of the error beyond its message, such as `dbConnectionId`. */
  readonly members: Readonly<Record<string, string | number>>;

  constructor(
    code: string,
    status: number,
    message: string,
    members: Readonly<Record<string, string | number>> = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** The error every AWS service answers when it cannot say what went wrong. */
export function internalFailure(message: string): AwsError {
  return new AwsError('InternalFailure', 500, message);
}

/** What the REST-JSON and AWS-JSON protocols expect: the code in a header, the rest in the body. */
export function jsonErrorReply(error: AwsError): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  return {
    status: error.status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: JSON.stringify({ message: error.message, ...error.members }),
  };
}
