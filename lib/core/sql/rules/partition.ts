import type { AlterTableCmd, PartitionCmd } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { ObjectKind } from '../classification.ts';
import { change, combine, type Effect, lock, touched } from '../effect.ts';
import { provesBound } from '../partition-bound.ts';
import { nameOfRange, type SqlName } from '../sql-name.ts';
import { factsOf } from './relation-effect.ts';

/**
 * ATTACH PARTITION: the child is read unless a CHECK proves that its rows fit, and the default
 * partition is read under ACCESS EXCLUSIVE, because the rows of the new bound must not be in it.
 */
export function attachPartition(
  target: { readonly relation: SqlName; readonly kind: ObjectKind },
  command: AlterTableCmd,
  context: ClassifyContext,
): Effect {
  const part = partitionCommand(command);
  const child = nameOfRange(part?.name);
  const childLock = lock(child, 'AccessExclusiveLock', 'it becomes a partition');
  if (target.kind === 'index') return { locks: [childLock] };
  const parent = target.relation;
  const key = factsOf(context, parent)?.partitioning?.key;
  const proven =
    key !== undefined &&
    part?.bound !== undefined &&
    provesBound(context.parser, factsOf(context, child), key, part.bound);
  return combine([
    { locks: [childLock], objects: [change('alter', 'table', child)] },
    proven ? {} : { scans: [touched(child, 'every row is checked against the bound')] },
    referencedRowsRead(parent, child, context),
    defaultPartitionRead(parent, context),
    foreignKeysOf(parent, context),
  ]);
}

/** A partition takes part in the foreign keys of its parent, whose triggers stand on both sides. */
export function foreignKeysOf(parent: SqlName, context: ClassifyContext): Effect {
  const keys = factsOf(context, parent)?.constraints ?? [];
  const why = 'it is referenced by a foreign key of the partitioned table';
  return {
    locks: keys.flatMap(({ references }) =>
      references === undefined ? [] : [lock(references, 'ShareRowExclusiveLock', why)],
    ),
  };
}

/** The rows of the child are looked up in what the parent references. */
function referencedRowsRead(parent: SqlName, child: SqlName, context: ClassifyContext): Effect {
  const keys = factsOf(context, parent)?.constraints ?? [];
  const why = 'the rows of the new partition are looked up in it';
  const references = keys.flatMap((key) => key.references ?? []);
  return {
    locks: references.flatMap((each) => [
      lock(each, 'RowShareLock', why),
      lock(child, 'ShareRowExclusiveLock', 'it gets the foreign keys of the partitioned table'),
    ]),
    scans: references.map((each) => touched(each, why, 'unknown')),
  };
}

/** What adding a partition does to the default partition. */
export function defaultPartitionRead(parent: SqlName, context: ClassifyContext): Effect {
  const facts = factsOf(context, parent);
  const other = facts?.partitioning?.defaultPartition;
  if (other === undefined) return { mayLockMore: facts === undefined };
  const why = 'no row of the new partition may be in the default one';
  return { locks: [lock(other, 'AccessExclusiveLock', why)], scans: [touched(other, why)] };
}

/** DETACH PARTITION locks everybody out of parent, child and default, unless concurrent. */
export function detachPartition(
  parent: SqlName,
  command: AlterTableCmd,
  context: ClassifyContext,
): Effect {
  const part = partitionCommand(command);
  const child = nameOfRange(part?.name);
  const facts = factsOf(context, parent);
  const other = facts?.partitioning?.defaultPartition;
  const why = 'a partition is detached';
  const breaks = `queries of ${parent.name} no longer see the rows of ${child.name}`;
  const objects = [change('alter', 'table', child)];
  if (part?.concurrent === true || command.subtype === 'AT_DetachPartitionFinalize') {
    const concurrent = part?.concurrent === true;
    return {
      objects,
      locks: [
        lock(parent, 'ShareUpdateExclusiveLock', why),
        lock(child, 'AccessExclusiveLock', 'it is taken last, when nobody uses the old parent'),
      ],
      online: concurrent,
      outsideTransaction: concurrent,
      mayRunLong: true,
      breaks,
    };
  }
  const all = [parent, child, ...(other === undefined ? [] : [other])];
  return combine([
    { objects, breaks, mayLockMore: facts === undefined },
    { locks: all.map((each) => lock(each, 'AccessExclusiveLock', why)) },
    foreignKeysOf(parent, context),
  ]);
}

function partitionCommand({ def }: AlterTableCmd): PartitionCmd | undefined {
  return def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd : undefined;
}
