import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { LockkeeperError } from '../core/errors.ts';
import type { Decision, DecisionMessage, DecisionReply } from '../core/gates/parse-command.ts';
import { claimOfDecision } from '../core/identity/claim.ts';
import type { IdentityProver } from '../ports/identity.ts';
import { serviceError } from './service-error.ts';

export type DecideGate = (decision: Decision) => Promise<DecisionReply>;

/** Says something to a running execution, signed, through the only function that may wake one. */
export function decideGateClient(
  client: LambdaClient,
  functionName: string,
  identity: IdentityProver,
): DecideGate {
  return async (decision) => {
    const proof = await identity.prove(claimOfDecision(decision));
    const message: DecisionMessage = { decision, proof };
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
