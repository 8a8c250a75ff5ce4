import { RULES_BY_ID } from '../hazards/all-rules.ts';
import type { Severity } from '../hazards/finding.ts';
import { PROOF_RULES_BY_ID } from '../proof/proof-rules.ts';
import type { LintFinding, LintReport } from './lint-report.ts';
import { rewriteText } from './rewrite-text.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/**
 * The report as SARIF 2.1.0, which code hosts show beside the lines. What an author accepted is
 * there too, as suppressed in the source, with the reason.
 * @param version of this tool
 */
export function sarifOf(report: LintReport, version: string): object {
  const { findings, suppressed } = report;
  const ids = [...new Set([...findings, ...suppressed].map(({ rule }) => rule))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'lockkeeper', version, rules: ids.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: [
          ...findings.map((finding) => resultOf(finding, ids)),
          ...suppressed.map((finding) => ({
            ...resultOf(finding, ids),
            suppressions: [{ kind: 'inSource', justification: finding.reason }],
          })),
        ],
      },
    ],
  };
}

function ruleOf(id: string): object {
  const facts = RULES_BY_ID.get(id);
  const proof = PROOF_RULES_BY_ID.get(id);
  if (proof !== undefined) {
    return { id, shortDescription: { text: proof.why }, help: { text: proof.safer } };
  }
  if (facts === undefined) return { id };
  return {
    id,
    shortDescription: { text: facts.why },
    help: { text: `${facts.safer} (${facts.source})` },
  };
}

function resultOf(finding: LintFinding, ids: readonly string[]): object {
  const { rule, severity, message, why, saferRewrite, file, line, column } = finding;
  const sentences = [message, why, saferRewrite && `instead: ${rewriteText(saferRewrite)}`];
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: LEVELS[severity],
    message: { text: sentences.filter((text) => text !== undefined).join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file) },
          region: { startLine: line, startColumn: column },
        },
      },
    ],
  };
}
