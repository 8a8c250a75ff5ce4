import color from 'picocolors';
import type { Severity } from '../../core/hazards/finding.ts';
import { type LintFinding, type LintReport, summaryOf } from '../../core/lint/lint-report.ts';

const COLORS: Readonly<Record<Severity, (text: string) => string>> = {
  error: color.red,
  warning: color.yellow,
  info: color.blue,
};

/** Each finding as editors recognize it, its statement, and what to write instead. */
export function lintView(report: LintReport): string {
  const findings = report.findings.flatMap((finding) => [...findingView(finding), '']);
  return [...findings, summaryOf(report)].join('\n');
}

function findingView(finding: LintFinding): readonly string[] {
  const { file, line, column, severity, rule, message, why, blocks, frame } = finding;
  const place = color.bold(`${file}:${line}:${column}`);
  return [
    `${place} ${COLORS[severity](`${severity} ${rule}`)}: ${message}`,
    ...frame.split('\n').map((each) => `  ${each}`),
    ...(why === undefined ? [] : [field('why', why)]),
    ...(blocks === 'nothing' ? [] : [field('blocks', blocks)]),
    ...insteadView(finding),
  ];
}

function insteadView({ saferRewrite }: LintFinding): readonly string[] {
  if (saferRewrite === undefined) return [];
  const lines =
    saferRewrite.kind === 'sql'
      ? saferRewrite.statements.map((statement) => color.green(`${statement};`))
      : saferRewrite.steps;
  return lines.flatMap((text, index) =>
    text.split('\n').map((line, at) => field(index === 0 && at === 0 ? 'instead' : '', line)),
  );
}

const field = (name: string, text: string) => `  ${color.dim(name.padEnd(8))}${text}`;
