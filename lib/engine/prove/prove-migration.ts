import type { Fingerprint } from '../../core/ids.ts';
import type { DeclaredStatement } from '../../core/migration/migration.ts';
import type { Phase } from '../../core/plan/plan.ts';
import { PROOF_RULES, type ProofRule } from '../../core/proof/proof-rules.ts';
import { type FingerprintLine, fingerprint, fingerprintLines } from '../../postgres/fingerprint.ts';
import { type Proof, type ProofContext, proveGroup } from './prove-group.ts';

/** A statement of a migration, in its phase. */
export interface PhasedStatement {
  readonly phase: Phase;
  readonly declared: Pick<DeclaredStatement, 'sql' | 'together' | 'undo'>;
}

/** What running the statements brought to light. */
export interface ProofFinding {
  /** Position of the statement that it is about. */
  readonly index: number;
  readonly rule: ProofRule;
  readonly message: string;
}

export interface ProofReport {
  readonly findings: readonly ProofFinding[];
  /** Of the statements and those of the undos, how many were measured, and how many ran unseen. */
  readonly measured: number;
  readonly unmeasured: number;
  /** Not run, because the server refused one before them. */
  readonly skipped: number;
}

/** As many names as a person reads. */
const NAMES_SHOWN = 3;

/** Runs statements one after the other; they stay. Ends at the first that the server refuses. */
export async function proveStatements(
  context: ProofContext,
  statements: readonly (readonly string[])[],
): Promise<ProofReport> {
  const tally = new Tally();
  for (const [index, sql] of statements.entries()) {
    if (tally.add(index, await proveGroup(context, sql))) continue;
    return tally.report(statements.length - index - 1);
  }
  return tally.report(0);
}

/**
 * Runs a migration to the end of contract, takes it back, newest first, and runs it again to its
 * very end. Each statement is compared with its classification, and the schema after the way back
 * with the schema before the migration. Backfills move no rows: there are none.
 */
export async function proveMigration(
  context: ProofContext,
  statements: readonly PhasedStatement[],
): Promise<ProofReport> {
  const tally = new Tally();
  const before = await picture(context);
  const steps = statements.map((each, index) => ({ ...each, index, sql: textsOf(each.declared) }));
  const reversible = steps.filter(({ phase }) => phase !== 'finalize');
  for (const { index, sql } of reversible) {
    if (!tally.add(index, await proveGroup(context, sql))) {
      return tally.report(steps.length - index - 1);
    }
  }
  for (const { index, declared } of reversible.toReversed()) {
    if (declared.undo.kind !== 'statement') continue;
    const proof = await proveGroup(context, textsOf(declared.undo));
    if (!tally.add(index, proof, PROOF_RULES.undo, 'its undo: ')) {
      return tally.report(steps.length - reversible.length);
    }
  }
  const left = await whatRemains(context, before);
  if (left !== undefined) tally.find(0, PROOF_RULES.undo, left);
  for (const { index, sql, phase } of steps) {
    const proof = await proveGroup(context, sql);
    const rule = phase === 'finalize' ? PROOF_RULES.refused : PROOF_RULES.undo;
    const prefix = phase === 'finalize' ? '' : 'after the way back, once more: ';
    if (!tally.add(index, proof, rule, prefix)) return tally.report(steps.length - index - 1);
  }
  return tally.report(0);
}

interface Picture {
  readonly fingerprint: Fingerprint;
  readonly lines: readonly FingerprintLine[];
}

async function picture({ database }: ProofContext): Promise<Picture> {
  return { fingerprint: await fingerprint(database), lines: await fingerprintLines(database) };
}

/** Undefined when the schema is what it was. */
async function whatRemains(context: ProofContext, before: Picture): Promise<string | undefined> {
  const after = await picture(context);
  if (after.fingerprint === before.fingerprint) return undefined;
  const was = new Set(before.lines.map(textOf));
  const is = new Set(after.lines.map(textOf));
  const names = [
    ...after.lines.filter((line) => !was.has(textOf(line))),
    ...before.lines.filter((line) => !is.has(textOf(line))),
  ].map(({ kind, name }) => `${kind} ${name}`);
  const distinct = [...new Set(names)];
  const more = distinct.length > NAMES_SHOWN ? `, and ${distinct.length - NAMES_SHOWN} more` : '';
  return `after the way back the schema is not what it was: ${distinct.slice(0, NAMES_SHOWN).join(', ')}${more}`;
}

const textOf = ({ kind, name, definition }: FingerprintLine) =>
  JSON.stringify([kind, name, definition]);

const textsOf = ({ sql, together = [] }: Pick<DeclaredStatement, 'sql' | 'together'>) => [
  sql,
  ...together,
];

class Tally {
  readonly #findings = new Map<string, ProofFinding>();
  #measured = 0;
  #unmeasured = 0;

  /** @returns false when the server refused it */
  add(index: number, proof: Proof, refused: ProofRule = PROOF_RULES.refused, prefix = ''): boolean {
    switch (proof.kind) {
      case 'measured':
        this.#measured += proof.classifications.length;
        for (const { kind, message } of proof.differences) {
          this.find(index, PROOF_RULES[kind], `${prefix}${message}`);
        }
        return true;
      case 'unmeasured':
        this.#unmeasured += 1;
        return true;
      case 'refused':
        this.find(index, refused, `${prefix}the server refuses it: ${proof.message}`);
        return false;
    }
  }

  /** What was found before is not said again. */
  find(index: number, rule: ProofRule, message: string): void {
    this.#findings.set(JSON.stringify([index, rule.id, message]), { index, rule, message });
  }

  report(skipped: number): ProofReport {
    const findings = [...this.#findings.values()];
    return { findings, measured: this.#measured, unmeasured: this.#unmeasured, skipped };
  }
}
