import { type Estimate, estimate } from '../hazards/estimate.ts';
import type { Work } from '../hazards/rule.ts';
import { rowsOf } from '../hazards/table-size.ts';
import { type CatalogView, type ClassifyContext, NOTHING_EARLIER } from '../sql/catalog.ts';
import type { Classification } from '../sql/classification.ts';
import { classify } from '../sql/classify.ts';
import type { SqlParser } from '../sql/parser.ts';
import { type SqlName, writeName } from '../sql/sql-name.ts';
import type { Plan } from './plan.ts';

/** What a statement's size is read from. */
export interface SizeKnowledge {
  readonly parser: SqlParser;
  /** Undefined: sizes are not known. */
  readonly catalog: CatalogView | undefined;
}

export interface StatementWork {
  readonly work: Work;
  readonly relation: SqlName;
}

/** `moment`: the catalog alone is changed. `unknown`: it cannot be told. */
export type WorkOfStatement =
  | { readonly kind: 'moment' }
  | { readonly kind: 'unknown'; readonly why: string }
  | ({ readonly kind: 'work'; readonly rows: number | undefined } & StatementWork);

/** What one statement does to every row, and of which relation. */
export function workOfStatement(
  sql: string,
  { serverVersion }: Pick<Plan, 'serverVersion'>,
  { parser, catalog }: SizeKnowledge,
): WorkOfStatement {
  const parsed = parser.parse(sql);
  const statement = parsed.kind === 'parsed' ? parsed.statements[0] : undefined;
  if (statement === undefined) return { kind: 'unknown', why: 'the statement cannot be read' };
  const context: ClassifyContext = {
    parser,
    serverVersion,
    timeZoneUtc: undefined,
    catalog,
    earlier: NOTHING_EARLIER,
  };
  const classification = classify(statement, context);
  if (!classification.understood) {
    return { kind: 'unknown', why: 'what the statement does is not known' };
  }
  const work = workOf(classification);
  if (work === undefined) return { kind: 'moment' };
  return { kind: 'work', ...work, rows: rowsOf(context, work.relation) };
}

/** How long one statement works, once it has its locks. */
export function timeOfStatement(
  sql: string,
  plan: Pick<Plan, 'serverVersion'>,
  knowledge: SizeKnowledge,
): Estimate {
  const found = workOfStatement(sql, plan, knowledge);
  switch (found.kind) {
    case 'unknown':
      return { kind: 'unknown', basis: found.why };
    case 'moment':
      return estimate(undefined, undefined, '');
    case 'work':
      return estimate(found.work, found.rows, writeName(found.relation));
  }
}

function workOf(classification: Classification): StatementWork | undefined {
  const { statementKind, locks, rewritten, scans, objects } = classification;
  const [rewrite] = rewritten;
  if (rewrite !== undefined) return { work: 'rewrite', relation: rewrite.relation };
  const index = objects.find(({ kind, change }) => kind === 'index' && change === 'create');
  if (index?.table !== undefined) return { work: 'index', relation: index.table };
  const [scan] = scans;
  if (scan !== undefined) return { work: 'scan', relation: scan.relation };
  const [lock] = locks;
  if (/^(?:update|delete|insert|merge)\b/.test(statementKind) && lock !== undefined) {
    return { work: 'rows', relation: lock.relation };
  }
  return undefined;
}

/** One after the other. */
export function sumOfEstimates(times: readonly Estimate[]): Estimate {
  const unknown = times.find(({ kind }) => kind === 'unknown');
  if (unknown !== undefined) return unknown;
  const ranges = times.filter((time) => time.kind === 'range');
  if (ranges.length === 0) return times[0] ?? estimate(undefined, undefined, '');
  return {
    kind: 'range',
    fromMs: ranges.reduce((total, { fromMs }) => total + fromMs, 0),
    toMs: ranges.reduce((total, { toMs }) => total + toMs, 0),
    basis: ranges.map(({ basis }) => basis).join('; '),
  };
}
