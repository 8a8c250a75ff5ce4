import { randomBytes } from 'node:crypto';
import { invalidParameterValue } from './errors.ts';

/** The account and region of everything in the embedded AWS. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

const RDS = `arn:aws:rds:${REGION}:${ACCOUNT}`;

export const clusterArn = (identifier: string): string => `${RDS}:cluster:${identifier}`;
export const instanceArn = (identifier: string): string => `${RDS}:db:${identifier}`;
export const snapshotArn = (identifier: string): string => `${RDS}:cluster-snapshot:${identifier}`;

/** Secrets Manager ends every ARN with six characters of its own; ours are always the same. */
export const secretArnOf = (name: string): string =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-AbCdEf`;

/** The identifier in an ARN, or the identifier itself: RDS takes both in most places. */
export function identifierOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf(':') + 1).toLowerCase();
}

/** `cluster-` and 26 letters or digits, as AWS makes them; it stays when a cluster is renamed. */
export function newResourceId(prefix: 'cluster' | 'db'): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const text = [...randomBytes(26)].map((byte) => letters[byte % letters.length]).join('');
  return `${prefix}-${text}`;
}

/**
 * Checks an identifier of a cluster (63 characters), instance (63) or cluster snapshot (255).
 * @returns the identifier in lowercase, as RDS stores it
 * @throws AwsError `InvalidParameterValue`
 */
export function checkIdentifier(parameter: string, value: string, maxLength: number): string {
  const valid = /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/.test(value) && value.length <= maxLength;
  if (valid) return value.toLowerCase();
  throw invalidParameterValue(
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive hyphens; and have at most ${maxLength} characters.`,
  );
}
