import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type ExecutionId,
  epochMs,
  type Fingerprint,
  type MigrationId,
  type StepId,
} from '../../../lib/core/ids.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import { compilePlan } from '../../../lib/core/plan/compile.ts';
import { hashPlan } from '../../../lib/core/plan/hash.ts';
import type { Plan } from '../../../lib/core/plan/plan.ts';
import { planMarkdown } from '../../../lib/core/plan/plan-markdown.ts';
import { type Rehearsal, rollbackTable } from '../../../lib/core/plan/rollback-table.ts';
import type { CatalogView, RelationFacts } from '../../../lib/core/sql/catalog.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';

const MIGRATION = `version: 1
title: One price | two
expand:
  - id: add_cents
    sql: alter table invoices add column cents bigint
    undo: alter table invoices drop column cents
  - id: drop_index
    sql: drop index concurrently invoices_total
    undo: create index concurrently invoices_total on invoices (total)
backfill:
  - id: fill_cents
    table: invoices
    set: {cents: 'round(total * 100)::bigint'}
contract:
  - id: hide_total
    sql: alter table invoices rename column total to total_retired
    undo: alter table invoices rename column total_retired to total
`;
const FINALIZE = `finalize:
  - id: drop_total
    sql: alter table invoices drop column total_retired
    irreversible: the old amounts are gone
`;

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const invoices = (estimatedRows: number): CatalogView => {
  const facts: RelationFacts = {
    kind: 'table',
    name: { schema: undefined, name: 'invoices' },
    table: undefined,
    columns: [],
    indexes: [],
    constraints: [],
    referencedBy: [],
    children: [],
    reads: [],
    partitioning: undefined,
    tablespace: 'pg_default',
    estimatedRows,
  };
  return {
    relation: ({ name }) => (name === 'invoices' ? facts : undefined),
    type: () => undefined,
    volatility: () => undefined,
  };
};

function planOf(text: string): Plan {
  const files = new Map([['migration.yaml', text]]);
  const parsed = parseMigration({ migrationId: '0001_cents' as MigrationId, files }, parser);
  if (parsed.kind === 'invalid') throw new TypeError(JSON.stringify(parsed.problems));
  const compiled = compilePlan(
    parsed.value,
    {
      serverVersion: 18,
      timeZoneUtc: true,
      catalog: undefined,
      fingerprint: 'f'.repeat(64) as Fingerprint,
      backfills: new Map([
        [
          'fill_cents' as StepId,
          {
            kind: 'walkable',
            table: { schema: 'public', name: 'invoices' },
            key: [{ name: 'id', type: 'bigint' }],
            estimatedRows: 1_000_000,
          },
        ],
      ]),
    },
    parser,
  );
  if (compiled.kind === 'invalid') throw new TypeError(JSON.stringify(compiled.problems));
  return compiled.value;
}

const table = (text: string, more: { rows?: number; rehearsals?: readonly Rehearsal[] } = {}) =>
  rollbackTable(planOf(text), {
    parser,
    catalog: more.rows === undefined ? undefined : invoices(more.rows),
    rehearsals: more.rehearsals ?? [],
  });

const rehearsal = (environment: string, more: Partial<Rehearsal>): Rehearsal => ({
  executionId: `0001_cents-${environment}` as ExecutionId,
  environment,
  at: epochMs(0),
  applied: new Set(),
  undone: new Set(),
  ...more,
});

describe('rollbackTable', () => {
  it('says for each step which way back there is, how long it takes and what is lost', () => {
    const { rows } = table(MIGRATION + FINALIZE, { rows: 6_000_000 });
    expect(rows.map(({ stepId, wayBack, time }) => [stepId, wayBack, time.kind])).toEqual([
      ['add_cents', 'logical', 'moment'],
      ['drop_index', 'logical', 'range'],
      ['fill_cents', 'logical', 'nothing'],
      ['hide_total', 'structural', 'moment'],
      ['drop_total', 'operational', 'range'],
    ]);
    expect(rows.map(({ loses }) => loses.startsWith('nothing'))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('takes the time of making an index again from the size of its table', () => {
    const { rows, wholeWay } = table(MIGRATION, { rows: 6_000_000 });
    // 600 rows a millisecond, and a quarter of that at the slow end.
    expect(rows[1]?.time).toMatchObject({ kind: 'range', fromMs: 10_000, toMs: 40_000 });
    expect(wholeWay).toMatchObject({ kind: 'range', fromMs: 10_000, toMs: 40_000 });
  });

  it('does not guess where the size is not known', () => {
    const { rows, wholeWay } = table(MIGRATION);
    expect([rows[1]?.time.kind, wholeWay.kind]).toEqual(['unknown', 'unknown']);
  });

  it('says where structural rollback ends, or that it never does', () => {
    expect(table(MIGRATION + FINALIZE).end).toBe(
      'structural rollback ends with finalize (step 5) and nowhere before it: until then every step can be undone without losing data; from there on only a restore brings back what is dropped, without the writes since the snapshot',
    );
    expect(table(MIGRATION).end).toContain('never ends');
    expect(table(`${MIGRATION}${FINALIZE}snapshots: none\n`).end).toContain('nothing brings back');
  });

  it('prefers an undo that ran over a step that only ran, and says where', () => {
    const { rows } = table(MIGRATION, {
      rehearsals: [
        rehearsal('qa', { applied: new Set(['add_cents', 'hide_total']) }),
        rehearsal('staging', { applied: new Set(['add_cents']), undone: new Set(['add_cents']) }),
      ],
    });
    expect(rows.map(({ rehearsed }) => rehearsed)).toMatchObject([
      { kind: 'undone', environment: 'staging' },
      { kind: 'no' },
      { kind: 'no' },
      { kind: 'applied', environment: 'qa' },
    ]);
  });
});

describe('planMarkdown', () => {
  it('is a table whose cells keep their bars to themselves', () => {
    const plan = planOf(MIGRATION + FINALIZE);
    const markdown = planMarkdown(hashPlan(plan), table(MIGRATION + FINALIZE), 'a | b');
    expect(markdown).toContain('## One price \\| two');
    expect(markdown).toContain('**It would be refused now:** a \\| b');
    expect(markdown).toContain('Structural rollback ends with finalize (step 5)');
    const columns = markdown
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.replaceAll('\\|', '').split('|').length - 2);
    expect(new Set(columns)).toEqual(new Set([5, 7]));
  });
});
