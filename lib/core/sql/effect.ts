import type { Destruction, Lock, ObjectChange, ObjectKind, Touched } from './classification.ts';
import type { LockMode } from './lock-mode.ts';
import type { SqlName } from './sql-name.ts';

/**
 * What a rule knows about a statement, or about one sub-command of ALTER TABLE. What is left out
 * is false, empty or undefined, so that a rule states only what is special.
 */
export interface Effect {
  readonly objects?: readonly ObjectChange[];
  readonly locks?: readonly Lock[];
  readonly mayLockMore?: boolean;
  readonly rewritten?: readonly Touched[];
  readonly scans?: readonly Touched[];
  /** Weak locks held long; see StatementLockPolicy. */
  readonly online?: boolean;
  /** The server refuses it inside a transaction block. */
  readonly outsideTransaction?: boolean;
  readonly transactionControl?: boolean;
  readonly sessionSetting?: boolean;
  readonly destructive?: readonly Destruction[];
  /** @default true when something is rewritten or scanned */
  readonly mayRunLong?: boolean;
  readonly breaks?: string | undefined;
  /** What depends on the target's objects; what the grammar tells is in server-features.ts. */
  readonly requiresVersion?: number;
  /** True: there may be effects that no rule can see. */
  readonly opaque?: boolean;
}

/** An effect with the name of the statement that has it. */
export interface StatementEffect extends Effect {
  readonly statementKind: string;
  readonly subcommands?: readonly string[];
}

/** The effect of doing all of them in one statement. */
export function combine(effects: readonly Effect[]): Effect {
  const some = (key: 'mayLockMore' | 'online' | 'outsideTransaction' | 'mayRunLong' | 'opaque') =>
    effects.some((effect) => effect[key] === true);
  const versions = effects.flatMap(({ requiresVersion }) => requiresVersion ?? []);
  return {
    objects: effects.flatMap(({ objects = [] }) => objects),
    locks: effects.flatMap(({ locks = [] }) => locks),
    mayLockMore: some('mayLockMore'),
    rewritten: effects.flatMap(({ rewritten = [] }) => rewritten),
    scans: effects.flatMap(({ scans = [] }) => scans),
    // One command that needs a strong lock makes the whole statement hold it.
    online: effects.length > 0 && effects.every((effect) => effect.online === true),
    outsideTransaction: some('outsideTransaction'),
    destructive: effects.flatMap(({ destructive = [] }) => destructive),
    ...(some('mayRunLong') ? { mayRunLong: true } : {}),
    breaks: effects.map(({ breaks }) => breaks).find((reason) => reason !== undefined),
    ...(versions.length > 0 ? { requiresVersion: Math.max(...versions) } : {}),
    opaque: some('opaque'),
  };
}

export function lock(relation: SqlName, mode: LockMode, why: string): Lock {
  return { relation, mode, why };
}

/** @param certainty defaults to `yes` */
export function touched(
  relation: SqlName,
  why: string,
  certainty: 'yes' | 'unknown' = 'yes',
): Touched {
  return { relation, certainty, why };
}

/** An object change; what is not given is undefined. */
export function change(
  verb: ObjectChange['change'],
  kind: ObjectKind,
  what: Partial<Omit<ObjectChange, 'change' | 'kind'>>,
): ObjectChange {
  return {
    change: verb,
    kind,
    schema: what.schema,
    name: what.name,
    table: what.table,
    signature: what.signature,
    newName: what.newName,
  };
}
