import { RULES_BY_ID } from './all-rules.ts';
import { HAZARD_PHASES, type RuleFacts } from './rule.ts';

/** The text of docs/hazards.md: every rule with an anchor that findings link to. */
export function hazardsDocument(): string {
  const rules = [...RULES_BY_ID.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return `${[...INTRODUCTION, ...HEADER, ...rules.map(row)].join('\n')}\n`;
}

const INTRODUCTION = [
  '# Hazards',
  '',
  'What a statement endangers, rule by rule. This page is generated from the rules themselves:',
  '`node scripts/generate-hazards-doc.ts`.',
  '',
  'The severity depends on the phase of the migration; `plain` is an SQL file of another tool. Where the catalog',
  'knows that a table has fewer than 10,000 rows, rules about work on every row stay silent (`warning` if it is in',
  'heavy use), and where nobody uses a table, an error becomes a warning. What the same migration created first',
  'stays silent too: nobody else uses it yet.',
  '',
  'To accept a hazard, say so right before the statement, with a reason that the audit keeps:',
  '',
  '```sql',
  '-- lockkeeper:allow drop-column: nobody has read it since 2024, see the query statistics',
  'alter table accounts drop column fax;',
  '```',
  '',
];

const HEADER = [
  `| Rule | ${HAZARD_PHASES.join(' | ')} | Why | Safer | Source |`,
  `|---|${HAZARD_PHASES.map(() => '---').join('|')}|---|---|---|`,
];

function row({ id, severity, why, safer, source }: RuleFacts): string {
  const severities = HAZARD_PHASES.map((phase) =>
    severity[phase] === 'silent' ? '' : severity[phase],
  );
  const words = [why, safer, source].map(escaped);
  return `| ${[`<a id="${id}"></a>\`${id}\``, ...severities, ...words].join(' | ')} |`;
}

/** As Markdown shows it: no HTML tag, no end of the cell. */
function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '\\|');
}
