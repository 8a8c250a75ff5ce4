import { createHash } from 'node:crypto';
import type { ExecutionId } from '../ids.ts';
import type { SnapshotMoment } from '../workflow/payload.ts';

/** RDS: 1 to 63 letters, digits and hyphens, a letter first, no double or trailing hyphen. */
const MAX_LENGTH = 63;

/**
 * The same execution and moment always give the same name, so a step that is retried finds its
 * snapshot instead of taking a second one: `lockkeeper-0002-add-billing-k3x9-before-expand`.
 * A name too long keeps its beginning and gets eight digits of its hash for the rest.
 */
export function snapshotIdentifierOf(executionId: ExecutionId, moment: SnapshotMoment): string {
  const words = executionId.replaceAll(/[^a-z0-9]+/g, '-');
  const full = `lockkeeper-${words}-${moment}`;
  if (full.length <= MAX_LENGTH) return full;
  const hash = createHash('sha256').update(executionId).digest('hex').slice(0, 8);
  const tail = `-${hash}-${moment}`;
  const head = `lockkeeper-${words}`.slice(0, MAX_LENGTH - tail.length).replace(/-+$/, '');
  return `${head}${tail}`;
}
