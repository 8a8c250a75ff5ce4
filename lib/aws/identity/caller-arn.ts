import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import { LockkeeperError } from '../../core/errors.ts';
import { serviceError } from '../service-error.ts';

/** Who the credentials in use belong to: the principal's ARN. */
export async function callerArn(client: STSClient): Promise<string> {
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    if (Arn !== undefined) return Arn;
  } catch (error) {
    throw serviceError('STS', 'ask who the caller is', error);
  }
  throw new LockkeeperError('Internal', 'STS did not say who the caller is');
}
