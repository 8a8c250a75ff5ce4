import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { LockkeeperError } from '../core/errors.ts';
import type { DecisionMessage, DecisionReply } from '../core/gates/parse-command.ts';
import { serviceError } from './service-error.ts';

export type DecideGate = (message: DecisionMessage) => Promise<DecisionReply>;

/** Says something to a running execution, through the only function that may wake one. */
export function decideGateClient(client: LambdaClient, functionName: string): DecideGate {
  return async (message) => {
    const answer = await client
      .send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(message) }))
      .catch((error: unknown) => {
        throw serviceError('Lambda', `invoke ${functionName}`, error);
      });
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError !== undefined) {
      throw new LockkeeperError('Internal', `${functionName} failed: ${text}`);
    }
    return JSON.parse(text) as DecisionReply;
  };
}
