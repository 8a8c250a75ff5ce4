import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationId } from '../../lib/core/ids.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { renderProblems } from '../../lib/core/migration/render-problems.ts';
import { compilePlan } from '../../lib/core/plan/compile.ts';
import type { Plan, StatementStep } from '../../lib/core/plan/plan.ts';
import { hazardsAgainst } from '../../lib/core/plan/plan-findings.ts';
import { loadParser, type SqlParser } from '../../lib/core/sql/parser.ts';
import { readTargetFacts } from '../../lib/engine/prepare/read-target-facts.ts';
import { pgDatabase } from '../../lib/local/pg-database.ts';
import type { Database } from '../../lib/ports/database.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

const SETUP = `
  create table customers (id bigint primary key);
  create table orders (id bigint primary key, code varchar(50), total int,
    customer bigint constraint orders_customer references customers);
  insert into orders select i, i, i from generate_series(1, 20000) i;
  create table tiny (id bigint primary key, code text);
  create table events (at date) partition by range (at);
  create table events_other partition of events default;
  analyze`;

let test: TestDatabase;
let database: Database;
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
  test = await freshDatabase();
  await test.pool().query(SETUP);
  database = pgDatabase({ url: test.url, connections: 1 });
});
afterAll(async () => {
  await database.close();
  await test.drop();
});

/** The plan of a migration, from steps as they stand in its file. */
async function planOf(steps: string): Promise<Plan> {
  const files = new Map([['migration.yaml', `version: 1\ntitle: A migration\n${steps}`]]);
  const migration = parseMigration({ migrationId: '0001_x' as MigrationId, files }, parser);
  if (migration.kind === 'invalid') throw new TypeError(renderProblems(migration.problems));
  const facts = await readTargetFacts(database, migration.value, parser);
  const plan = compilePlan(migration.value, facts, parser);
  if (plan.kind === 'invalid') throw new TypeError(renderProblems(plan.problems));
  return plan.value;
}

function stepOf(plan: Plan): StatementStep {
  const [step] = plan.steps;
  if (step?.kind !== 'statement') throw new TypeError('the plan has no statement');
  return step;
}

const expand = (sql: string, undo = 'select 1') =>
  `expand:\n  - id: a_step\n    sql: |\n      ${sql.replaceAll('\n', '\n      ')}\n    undo: ${undo}\n`;
const locksOf = (plan: Plan) =>
  stepOf(plan).action.locks.map(({ relation, mode }) => `${relation} ${mode}`);

describe('a plan compiled against the live catalog', () => {
  it('names the table that a dropped foreign key points to', async () => {
    const plan = await planOf(
      'contract:\n  - id: a_step\n    sql: alter table orders drop constraint orders_customer\n    undo: select 1\n',
    );
    expect(locksOf(plan)).toEqual(['orders AccessExclusiveLock', 'customers AccessExclusiveLock']);
  });

  it('names the default partition that a new partition locks', async () => {
    const plan = await planOf(
      expand(
        `create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01')`,
      ),
    );
    expect(locksOf(plan)).toContain('events_other AccessExclusiveLock');
  });

  it('is silent about a type that is stored alike, and not about one that is written anew', async () => {
    const alike = await planOf(expand('alter table orders alter code type varchar(100)'));
    expect(hazardsAgainst(alike)).toBeUndefined();

    const anew = await planOf(expand('alter table orders alter total type bigint'));
    expect(hazardsAgainst(anew)).toContain('step a_step: alter-type-rewrite');
  });

  it('minds the size: what stops a large table is nothing to say of a tiny one', async () => {
    const large = await planOf(expand('create index orders_code on orders (code)'));
    expect(hazardsAgainst(large)).toContain('index-not-concurrent');

    const tiny = await planOf(expand('create index tiny_code on tiny (code)'));
    expect(hazardsAgainst(tiny)).toBeUndefined();
    expect(stepOf(tiny).findings).toEqual([]);
  });

  it('knows from the statements before it that there is no NULL', async () => {
    const plan = await planOf(`expand:
  - id: a_check
    sql: alter table orders add constraint present check (total is not null) not valid
    undo: alter table orders drop constraint present
validate:
  - {id: proof, sql: alter table orders validate constraint present}
  - id: required
    sql: alter table orders alter total set not null
    undo: alter table orders alter total drop not null
`);
    expect(hazardsAgainst(plan)).toBeUndefined();
  });
});

describe('a hazard that the author accepts', () => {
  const INDEX = 'create index orders_code on orders (code)';

  it('does not stop the plan, which keeps the reason', async () => {
    const plan = await planOf(
      expand(`-- lockkeeper:allow index-not-concurrent: nobody writes on Sundays\n${INDEX}`),
    );
    expect(hazardsAgainst(plan)).toBeUndefined();
    expect(stepOf(plan).findings).toMatchObject([
      { rule: 'index-not-concurrent', acceptedBecause: 'nobody writes on Sundays' },
    ]);
  });

  it('must be accepted with a reason', async () => {
    const plan = await planOf(expand(`-- lockkeeper:allow index-not-concurrent\n${INDEX}`));
    expect(hazardsAgainst(plan)).toContain('index-not-concurrent');
    expect(hazardsAgainst(plan)).toContain('allow-without-reason');
  });

  it('must be the one that there is', async () => {
    const plan = await planOf(expand(`-- lockkeeper:allow truncate: not this\n${INDEX}`));
    expect(hazardsAgainst(plan)).toContain('index-not-concurrent');
  });
});
