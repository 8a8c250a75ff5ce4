import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';

/**
 * MiniStack checks SendTaskSuccess against the resource `*`, AWS against the state machine that the token
 * belongs to, which is what the app's grant names. So the function that wakes executions gets this one
 * permission once more, for `*`, on the emulator only.
 */
export async function allowWaking(
  endpoint: string,
  region: string,
  functionName: string,
): Promise<void> {
  const lambda = new LambdaClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  try {
    const { Role } = await lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    await putRolePolicy(endpoint, Role?.split('/').at(-1) ?? '');
  } finally {
    lambda.destroy();
  }
}

/** IAM's query protocol by hand: no other code needs a client of it. Emulators check no signature of `test`. */
async function putRolePolicy(endpoint: string, roleName: string): Promise<void> {
  const statement = { Effect: 'Allow', Action: 'states:SendTaskSuccess', Resource: '*' };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none',
    },
    body: new URLSearchParams({
      Action: 'PutRolePolicy',
      Version: '2010-05-08',
      RoleName: roleName,
      PolicyName: 'wake-on-emulator',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  });
  if (!response.ok) throw new Error(`PutRolePolicy on ${roleName}: ${await response.text()}`);
}
