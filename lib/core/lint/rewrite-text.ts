import type { SaferRewrite } from '../hazards/finding.ts';

/** One text of SQL, or of steps. */
export function rewriteText(rewrite: SaferRewrite): string {
  return rewrite.kind === 'sql'
    ? rewrite.statements.map((statement) => `${statement};`).join('\n')
    : rewrite.steps.join('; ');
}
