import { type ExecutionId, executionIdOf, type MigrationId } from '../ids.ts';
import type { ClusterNames, RestoreSource } from './order.ts';

/** RDS: at most 63 characters, a letter first, no double or trailing hyphen. */
const MAX_LENGTH = 63;
/** The longest suffix of an execution id. */
const MAX_SUFFIX = 12;

/** `0002_add_billing-k3x9abr1`: the first restore of the execution `0002_add_billing-k3x9ab`. */
export function restoreIdOf(
  of: ExecutionId,
  migrationId: MigrationId,
  number: number,
): ExecutionId {
  const tail = `r${number}`;
  return executionIdOf(migrationId, `${suffixOf(of).slice(0, MAX_SUFFIX - tail.length)}${tail}`);
}

/** What is unique in an id: the part after the last hyphen. */
export function suffixOf(id: ExecutionId): string {
  return id.slice(id.lastIndexOf('-') + 1);
}

/**
 * The names of a restore. The restored cluster is named after what it is restored from and not
 * after the order: asked again, also with another intention, the same cluster is found again
 * instead of half an hour being spent on a second one.
 */
export function clusterNames(
  request: {
    readonly original: string;
    readonly originalWriter: string;
    readonly of: ExecutionId;
    readonly source: RestoreSource;
  },
  restoreId: ExecutionId,
): ClusterNames {
  const { original, originalWriter, of, source } = request;
  const restored = within(original, `-restored-${suffixOf(of)}${sourceMark(source, restoreId)}`);
  return {
    original,
    restored,
    kept: keptName(original, restoreId),
    originalWriter,
    restoredWriter: within(restored, '-1'),
  };
}

/** What an instance or cluster of the original is called once it was put aside. */
export function keptName(name: string, restoreId: ExecutionId): string {
  return within(name, `-before-restore-${suffixOf(restoreId)}`);
}

/** The latest restorable time is another one each time, so it belongs to one order. */
function sourceMark(source: RestoreSource, restoreId: ExecutionId): string {
  if (source.kind === 'snapshot') return source.moment === 'before-contract' ? '-c' : '';
  return source.at === undefined ? `-${suffixOf(restoreId)}` : `-t${Math.floor(source.at / 1_000)}`;
}

/** Cuts the name and never the tail, which tells clusters apart. */
function within(name: string, tail: string): string {
  return `${name.slice(0, MAX_LENGTH - tail.length).replace(/-+$/, '')}${tail}`;
}
