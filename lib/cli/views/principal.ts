/**
 * Who it was, as people say it: `user/olivia`, `assumed-role/Operator/olivia`. The account is the
 * same in every line; the JSON has the whole ARN.
 */
export function principal(by: string): string {
  // arn:partition:service:region:account:resource
  return by.replaceAll(/arn:[\w-]+:(?:iam|sts):[^:]*:\d*:/g, '');
}
