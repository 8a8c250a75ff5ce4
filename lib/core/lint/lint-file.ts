import { reviewSql } from '../hazards/review-sql.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import { locate } from '../sql/locate.ts';
import { forwardSql, transactionModeOf } from './foreign-files.ts';
import type { LintPart } from './lint-report.ts';
import { placeFinding } from './place-finding.ts';

/** Reads a plain SQL file, of whatever tool, as a whole. */
export function lintFile(file: string, text: string, target: ClassifyContext): LintPart {
  const sql = forwardSql(text);
  const transactions = transactionModeOf(file, text);
  const reviewed = reviewSql(sql, { phase: 'plain', transactions, target });
  if (reviewed.kind === 'syntax-error') {
    const { message, line, column, offset } = reviewed;
    const { frame } = locate(sql, offset);
    const finding = { file, line, column, rule: 'sql-syntax', severity: 'error', message } as const;
    const unknown = { why: undefined, blocks: 'nothing', saferRewrite: undefined, link: undefined };
    // What cannot be read counts as a statement that nobody understood.
    return {
      findings: [{ ...finding, ...unknown, frame }],
      suppressed: [],
      statements: 1,
      understood: 0,
    };
  }
  const { statements, findings, suppressed } = reviewed;
  const place = (finding: (typeof findings)[number]) => {
    const {
      line = 1,
      column = 1,
      text: shown = '',
    } = statements[finding.statementIndex]?.statement ?? {};
    return placeFinding(finding, { file, line, column }, shown);
  };
  return {
    findings: findings.map(place),
    suppressed: suppressed.map((each) => ({ ...place(each), reason: each.reason })),
    statements: statements.length,
    understood: statements.filter(({ classification }) => classification.understood).length,
  };
}
