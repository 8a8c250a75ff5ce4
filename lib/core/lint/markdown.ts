import { type LintReport, summaryOf } from './lint-report.ts';
import { rewriteText } from './rewrite-text.ts';

/** A summary for a pull request or a job. */
export function markdownOf(report: LintReport): string {
  const head = ['## Migration hazards', '', summaryOf(report)];
  if (report.findings.length === 0) return head.join('\n');
  const rows = report.findings.map(
    ({ severity, file, line, rule, message }) =>
      `| ${severity} | ${code(`${file}:${line}`)} | ${code(rule)} | ${cell(message)} |`,
  );
  const rewrites = report.findings.flatMap(({ file, line, rule, saferRewrite }) =>
    saferRewrite?.kind === 'sql'
      ? [
          '',
          `${code(`${file}:${line}`)} ${code(rule)}, instead:`,
          '',
          fenced(rewriteText(saferRewrite)),
        ]
      : [],
  );
  return [
    ...head,
    '',
    '| Severity | Where | Rule | What |',
    '|---|---|---|---|',
    ...rows,
    ...rewrites,
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}

/** A fence that is longer than any inside. */
function fenced(sql: string): string {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${sql}\n${fence}`;
}
