import { type ReviewedSql, reviewSql } from '../../../lib/core/hazards/review-sql.ts';
import type { HazardPhase } from '../../../lib/core/hazards/rule.ts';
import type { TargetActivity } from '../../../lib/core/hazards/table-size.ts';
import type { TransactionMode } from '../../../lib/core/hazards/transactions.ts';
import type { CatalogView, RelationFacts } from '../../../lib/core/sql/catalog.ts';
import type { SqlParser } from '../../../lib/core/sql/parser.ts';
import { MEASURED_CATALOG } from '../sql/lock-facts/catalog.ts';
import { contextOf } from '../sql/statements.ts';

/** A text of SQL and where it runs; a bare text runs in expand on the tables of lock-facts.json. */
export interface HazardCase {
  readonly sql: string;
  /** @default 'expand' */
  readonly phase?: HazardPhase;
  /** @default one step a transaction */
  readonly mode?: TransactionMode;
  /** @default 18 */
  readonly version?: number;
  /** @default every table of lock-facts.json, with 50 million rows */
  readonly rows?: number;
  /** True: nothing is known of the target. */
  readonly blind?: boolean;
  readonly activity?: TargetActivity;
}

export type RuleCases = Readonly<
  Record<
    string,
    {
      readonly fires: readonly (string | HazardCase)[];
      readonly silent: readonly (string | HazardCase)[];
    }
  >
>;

const LARGE = 50_000_000;

/** A table that is connected with two others. */
const HUB: RelationFacts = {
  kind: 'table',
  name: { schema: undefined, name: 'hub' },
  table: undefined,
  columns: [{ name: 'o_id', type: 'integer', notNull: false }],
  indexes: [],
  constraints: ['o', 'td'].map((name) => ({
    name: `hub_${name}_fk`,
    kind: 'foreign-key',
    columns: [`${name}_id`],
    definition: `FOREIGN KEY (${name}_id) REFERENCES ${name}(id)`,
    validated: true,
    references: { schema: undefined, name },
  })),
  referencedBy: [],
  children: [],
  reads: [],
  partitioning: undefined,
  tablespace: 'pg_default',
  estimatedRows: 0,
};

/** The tables of lock-facts.json with another number of rows. */
export function catalogWith(rows: number): CatalogView {
  return {
    ...MEASURED_CATALOG,
    relation: (name) => {
      const facts = name.name === 'hub' ? HUB : MEASURED_CATALOG.relation(name);
      return facts === undefined ? undefined : { ...facts, estimatedRows: rows };
    },
  };
}

export function asCase(given: string | HazardCase): HazardCase {
  return typeof given === 'string' ? { sql: given } : given;
}

/** @throws TypeError for a syntax error, which is the test's mistake */
export function review(parser: SqlParser, given: string | HazardCase): ReviewedSql {
  const { sql, phase = 'expand', mode = 'step', version = 18, activity, ...known } = asCase(given);
  const catalog = known.blind === true ? undefined : catalogWith(known.rows ?? LARGE);
  const target = contextOf(parser, {
    catalog,
    serverVersion: version,
    timeZoneUtc: known.blind === true ? undefined : true,
  });
  const outcome = reviewSql(sql, { phase, transactions: mode, target, activity });
  if (outcome.kind === 'syntax-error') throw new TypeError(`${outcome.message} in ${sql}`);
  return outcome;
}

export function firedRules(parser: SqlParser, given: string | HazardCase): readonly string[] {
  return review(parser, given).findings.map(({ rule }) => rule);
}

/** A file of another tool that runs it in one transaction. */
export function inFile(sql: string): HazardCase {
  return { sql, phase: 'plain', mode: 'file' };
}

/** A file of another tool that opens no transaction. */
export function alone(sql: string): HazardCase {
  return { sql, phase: 'plain', mode: 'autocommit' };
}
