import type { SaferRewrite, Severity } from '../hazards/finding.ts';

/** One finding, with the place where an editor or a pull request shows it. */
export interface LintFinding {
  /** As it was asked for, with forward slashes. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Why that is dangerous; undefined where the message says it all. */
  readonly why: string | undefined;
  /** What ordinary traffic cannot do meanwhile, such as `reads and writes`. */
  readonly blocks: string;
  readonly saferRewrite: SaferRewrite | undefined;
  /** Where the rule is explained, relative to the repository's root; undefined: it is no hazard rule. */
  readonly link: string | undefined;
  /** The beginning of the statement, its lines numbered, with a caret. */
  readonly frame: string;
}

export interface SuppressedLintFinding extends LintFinding {
  readonly reason: string;
}

/** What was found in one file or migration. */
export interface LintPart {
  readonly findings: readonly LintFinding[];
  readonly suppressed: readonly SuppressedLintFinding[];
  readonly statements: number;
  /** Of these, those whose effects are known; the others are hidden in DO, CALL or unknown SQL. */
  readonly understood: number;
}

/** Nothing read, nothing found. */
export const NOTHING_LINTED: LintPart = {
  findings: [],
  suppressed: [],
  statements: 0,
  understood: 0,
};

export interface LintReport extends LintPart {
  /** Files and migrations that were read. */
  readonly files: number;
  /** What running them showed; absent when nothing was run. */
  readonly proof?: LintProof;
}

/** How much of a report was proved by running it. */
export interface LintProof {
  /** Version of the server that it ran on. */
  readonly server: string;
  /** Statements, those of undos included, whose locks, rewrites and scans were measured. */
  readonly measured: number;
  /** Statements that ran and could not be looked at meanwhile. */
  readonly unmeasured: number;
  /** Statements that did not run, because one before them was refused. */
  readonly skipped: number;
  /** Where the server did not do what was announced. */
  readonly differences: number;
}

/** One report of many parts; findings by file, then line. */
export function lintReport(parts: readonly LintPart[]): LintReport {
  const sum = (count: (part: LintPart) => number) =>
    parts.reduce((total, part) => total + count(part), 0);
  return {
    files: parts.length,
    statements: sum(({ statements }) => statements),
    understood: sum(({ understood }) => understood),
    findings: parts.flatMap(({ findings }) => findings).toSorted(byPlace),
    suppressed: parts.flatMap(({ suppressed }) => suppressed).toSorted(byPlace),
  };
}

/** The report with what running it showed. */
export function withProof(
  report: LintReport,
  findings: readonly LintFinding[],
  proof: LintProof,
): LintReport {
  return { ...report, findings: [...report.findings, ...findings].toSorted(byPlace), proof };
}

export function countOf({ findings }: LintReport, severity: Severity): number {
  return findings.filter((each) => each.severity === severity).length;
}

/** Such as `2 errors, 1 warning in 3 statements of 1 file; 3 of 3 statements understood`. */
export function summaryOf(report: LintReport): string {
  const { statements, understood, files, suppressed } = report;
  const found = (['error', 'warning', 'info'] as const)
    .map((severity) => [severity, countOf(report, severity)] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => (severity === 'info' ? `${count} info` : counted(count, severity)));
  const accepted = suppressed.length === 0 ? '' : `, ${suppressed.length} accepted`;
  const what = found.length === 0 ? 'nothing found' : found.join(', ');
  const read = `${what}${accepted} in ${counted(statements, 'statement')} of ${counted(files, 'file')}; ${understood} of ${counted(statements, 'statement')} understood`;
  return report.proof === undefined ? read : `${read}\n${proofSummary(report.proof)}`;
}

/** Such as `run on PostgreSQL 18.4: 12 statements measured, 1 unseen, no difference`. */
function proofSummary({ server, measured, unmeasured, skipped, differences }: LintProof): string {
  const parts = [
    `${counted(measured, 'statement')} measured, undos included`,
    ...(unmeasured === 0 ? [] : [`${unmeasured} unseen`]),
    ...(skipped === 0 ? [] : [`${skipped} not run`]),
    differences === 0 ? 'no difference' : counted(differences, 'difference'),
  ];
  return `run on PostgreSQL ${server}: ${parts.join(', ')}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function byPlace(left: LintFinding, right: LintFinding): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}
