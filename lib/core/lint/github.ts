import type { Severity } from '../hazards/finding.ts';
import { type LintReport, summaryOf } from './lint-report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'notice',
};

/** Workflow commands that GitHub Actions turns into annotations of a pull request. */
export function githubOf(report: LintReport): string {
  const annotations = report.findings.map(
    ({ severity, file, line, column, rule, message, why }) =>
      `::${COMMANDS[severity]} file=${property(file)},line=${line},col=${column},title=${property(rule)}::${data(why === undefined ? message : `${message}\n${why}`)}`,
  );
  return [...annotations, summaryOf(report)].join('\n');
}

/** Escapes as the runner's own toolkit does. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
