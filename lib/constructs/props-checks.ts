import { Token } from 'aws-cdk-lib';
import { LockkeeperError } from '../core/errors.ts';
import { HANDLER_ENVIRONMENT } from '../core/workflow/handlers.ts';

/** PostgreSQL cuts longer names (NAMEDATALEN 64, one byte for the end). */
const MAX_DATABASE_NAME_BYTES = 63;

/** What Lambda accepts, in MiB. */
const MIN_MEMORY_MB = 128;
const MAX_MEMORY_MB = 10_240;

/** @throws LockkeeperError InvalidConfiguration */
export function checkDatabaseName(databaseName: string): void {
  if (Token.isUnresolved(databaseName)) return;
  const bytes = Buffer.byteLength(databaseName);
  if (databaseName.trim() !== '' && bytes <= MAX_DATABASE_NAME_BYTES) return;
  throw new LockkeeperError(
    'InvalidConfiguration',
    `databaseName must have 1 to ${MAX_DATABASE_NAME_BYTES} bytes, got ${JSON.stringify(databaseName)}`,
    { fix: 'name the database inside of the cluster, such as app' },
  );
}

/** @throws LockkeeperError InvalidConfiguration */
export function checkMemorySize(memorySize: number): void {
  if (Token.isUnresolved(memorySize)) return;
  const valid =
    Number.isInteger(memorySize) && memorySize >= MIN_MEMORY_MB && memorySize <= MAX_MEMORY_MB;
  if (valid) return;
  throw new LockkeeperError(
    'InvalidConfiguration',
    `memorySize must be a whole number of MiB from ${MIN_MEMORY_MB} to ${MAX_MEMORY_MB}, got ${memorySize}`,
  );
}

/** @throws LockkeeperError InvalidConfiguration for a variable that the construct itself sets */
export function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const own = new Set<string>(Object.values(HANDLER_ENVIRONMENT));
  const taken = Object.keys(environment).filter((name) => own.has(name));
  if (taken.length === 0) return;
  throw new LockkeeperError(
    'InvalidConfiguration',
    `handlerEnvironment must not set ${taken.join(', ')}`,
    { fix: 'use the props of the orchestrator, which set it for every handler' },
  );
}
