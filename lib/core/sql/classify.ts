import type { Node } from 'libpg-query';
import type { ClassifyContext } from './catalog.ts';
import type {
  Certainty,
  Classification,
  ObjectChange,
  StatementLockPolicy,
} from './classification.ts';
import { isEarlier } from './earlier.ts';
import type { StatementEffect } from './effect.ts';
import { compareLockModes, strongestOf } from './lock-mode.ts';
import { ruleFor } from './rules/index.ts';
import { newestFeature } from './server-features.ts';

/**
 * Says what a statement does, from its parse tree and what the catalog knows. It fails closed:
 * without a rule, or where effects are hidden (DO, CALL, a function nobody knows), the answer is
 * not understood, lock policy strong.
 */
export function classify(
  statement: { readonly node: Node },
  context: ClassifyContext,
): Classification {
  const rule = ruleFor(statement.node);
  const effect = rule === undefined ? UNKNOWN : rule(context);
  const versions = [effect.requiresVersion, newestFeature(statement.node)?.since];
  const required = Math.max(...versions.map((version) => version ?? OLDEST));
  return {
    ...conclude(effect, context),
    requiresVersion: required > OLDEST ? required : undefined,
  };
}

/** Of the servers that are supported. */
const OLDEST = 13;

const UNKNOWN: StatementEffect = { statementKind: 'unknown', opaque: true };

function conclude(
  effect: StatementEffect,
  context: ClassifyContext,
): Omit<Classification, 'requiresVersion'> {
  const existing = ({ relation }: { readonly relation: ObjectRelation }) =>
    !isEarlier(context, relation);
  const locks = (effect.locks ?? []).filter(existing);
  const rewritten = (effect.rewritten ?? []).filter(existing);
  const scans = (effect.scans ?? []).filter(existing);
  const understood = effect.opaque !== true;
  const objects = effect.objects ?? [];
  const strongest = strongestOf(locks.map(({ mode }) => mode));
  return {
    statementKind: effect.statementKind,
    subcommands: effect.subcommands ?? [],
    objects,
    locks,
    strongestLock: understood ? strongest : 'AccessExclusiveLock',
    mayLockMore: !understood || effect.mayLockMore === true,
    rewrites: certaintyOf(rewritten, understood),
    rewritten,
    scans,
    lockPolicy: lockPolicyOf(effect, understood ? strongest : 'AccessExclusiveLock'),
    transactional: effect.outsideTransaction !== true,
    transactionControl: effect.transactionControl === true,
    sessionSetting: effect.sessionSetting === true,
    destructive: effect.destructive ?? [],
    mayRunLong: !understood || (effect.mayRunLong ?? (rewritten.length > 0 || scans.length > 0)),
    breaksOldApplication: ofThisMigration(objects, context) ? undefined : effect.breaks,
    understood,
  };
}

type ObjectRelation = Classification['locks'][number]['relation'];

function certaintyOf(rewritten: Classification['rewritten'], understood: boolean): Certainty {
  if (!understood) return 'unknown';
  if (rewritten.some(({ certainty }) => certainty === 'yes')) return 'yes';
  return rewritten.length > 0 ? 'unknown' : 'no';
}

function lockPolicyOf(
  effect: StatementEffect,
  strongest: Classification['strongestLock'],
): StatementLockPolicy {
  if (effect.online === true) return 'online';
  if (strongest === undefined) return 'none';
  // Row locks are ROW EXCLUSIVE and below; from SHARE UPDATE EXCLUSIVE on, a lock may have to wait.
  return compareLockModes(strongest, 'ShareUpdateExclusiveLock') >= 0 ? 'strong' : 'none';
}

/** The old application cannot miss what it has never seen. */
function ofThisMigration(objects: readonly ObjectChange[], context: ClassifyContext): boolean {
  return (
    objects.length > 0 &&
    objects.every(({ table, schema, name = '' }) => isEarlier(context, table ?? { schema, name }))
  );
}
