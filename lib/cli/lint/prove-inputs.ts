import { parseMigrationId } from '../../core/ids.ts';
import { forwardSql } from '../../core/lint/foreign-files.ts';
import { statementsOf } from '../../core/lint/lint-migration.ts';
import { lintProblems } from '../../core/lint/lint-problems.ts';
import type { LintFinding, LintProof } from '../../core/lint/lint-report.ts';
import { placeFinding } from '../../core/lint/place-finding.ts';
import type { SourceLocation } from '../../core/migration/migration.ts';
import { parseMigration } from '../../core/migration/parse-migration.ts';
import { split } from '../../core/sql/split.ts';
import { lowerOnTarget } from '../../engine/prepare/lower-on-target.ts';
import type { ProofContext } from '../../engine/prove/prove-group.ts';
import {
  type ProofFinding,
  type ProofReport,
  proveMigration,
  proveStatements,
} from '../../engine/prove/prove-migration.ts';
import type { LintInput } from './find-lint-inputs.ts';

/** What running the inputs showed; they are linted besides. */
export interface ProvedInputs {
  readonly findings: readonly LintFinding[];
  readonly proof: Omit<LintProof, 'server'>;
}

interface Tally extends Omit<LintProof, 'server' | 'differences'> {
  readonly findings: readonly LintFinding[];
}

const NOTHING: Tally = { findings: [], measured: 0, unmeasured: 0, skipped: 0 };

/**
 * Runs every input on top of the ones before it, in the order of their names (`V9` before `V10`),
 * and compares each statement with its classification.
 */
export async function proveInputs(
  context: ProofContext,
  inputs: readonly LintInput[],
): Promise<ProvedInputs> {
  const ordered = inputs.toSorted((a, b) => ORDER.compare(pathOf(a), pathOf(b)));
  const tallies: Tally[] = [];
  for (const input of ordered) {
    tallies.push(
      input.kind === 'file'
        ? await proveFile(context, input)
        : await proveMigrationInput(context, input),
    );
  }
  const sum = (key: 'measured' | 'unmeasured' | 'skipped') =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  const findings = tallies.flatMap((tally) => tally.findings);
  return {
    findings,
    proof: {
      measured: sum('measured'),
      unmeasured: sum('unmeasured'),
      skipped: sum('skipped'),
      differences: findings.filter(({ rule }) => DIFFERENCES.includes(rule)).length,
    },
  };
}

const ORDER = new Intl.Collator('en', { numeric: true });
const DIFFERENCES: readonly string[] = ['proof-missed', 'proof-overstated'];
const pathOf = (input: LintInput) => (input.kind === 'file' ? input.file : input.directory);

interface Place {
  readonly location: SourceLocation;
  readonly text: string;
}

async function proveMigrationInput(
  context: ProofContext,
  { name, directory, files }: Extract<LintInput, { readonly kind: 'migration' }>,
): Promise<Tally> {
  const migrationId = parseMigrationId(name);
  const parsed = migrationId && parseMigration({ migrationId, directory, files }, context.parser);
  // What cannot be read is a finding of lint itself.
  if (parsed === undefined || parsed.kind === 'invalid') return NOTHING;
  const lowered = await lowerOnTarget(context.database, parsed.value, context.parser);
  if (lowered.kind === 'invalid') {
    return { ...NOTHING, findings: lintProblems(lowered.problems).findings };
  }
  const statements = statementsOf(lowered.value);
  return placed(
    await proveMigration(context, statements),
    statements.map(({ declared: { location, sql } }) => ({ location, text: sql })),
  );
}

async function proveFile(
  context: ProofContext,
  { file, text }: Extract<LintInput, { readonly kind: 'file' }>,
): Promise<Tally> {
  const parts = split(context.parser, forwardSql(text));
  const statements = parts.kind === 'statements' ? parts.statements : [];
  return placed(
    await proveStatements(
      context,
      statements.map((statement) => [statement.text]),
    ),
    statements.map(({ text: sql, line, column }) => ({
      location: { file, line, column },
      text: sql,
    })),
  );
}

function placed({ findings, ...counts }: ProofReport, places: readonly Place[]): Tally {
  return {
    ...counts,
    findings: findings.flatMap((finding) => {
      const place = places[finding.index];
      return place === undefined ? [] : [placeFindingOf(finding, place)];
    }),
  };
}

function placeFindingOf({ rule, message }: ProofFinding, { location, text }: Place): LintFinding {
  const { id, severity, why, safer } = rule;
  return placeFinding(
    {
      rule: id,
      severity,
      message,
      why,
      blocks: { what: 'nothing', relations: [] },
      saferRewrite: { kind: 'steps', steps: [safer] },
      link: 'docs/cli.md#proof',
    },
    location,
    text,
  );
}
