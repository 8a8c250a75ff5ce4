import './support/no-color.ts';
import { describe, expect, it } from '@jest/globals';
import { planView } from '../../lib/cli/views/plan-view.ts';
import type { Fingerprint, MigrationId, StepId } from '../../lib/core/ids.ts';
import { parseMigration } from '../../lib/core/migration/parse-migration.ts';
import { compilePlan } from '../../lib/core/plan/compile.ts';
import { hashPlan } from '../../lib/core/plan/hash.ts';
import type { HashedPlan } from '../../lib/core/plan/plan.ts';
import { loadParser } from '../../lib/core/sql/parser.ts';

const MIGRATION = `version: 1
title: Whole cents
assertions:
  - {id: has_invoices, query: select count(*) > 0 from invoices, expect: true}
expand:
  - id: add_cents
    sql: alter table invoices add column cents bigint
    undo: alter table invoices drop column cents
  - id: index_cents
    sql: create index concurrently invoices_cents on invoices (cents)
    undo: drop index concurrently invoices_cents
backfill:
  - id: fill_cents
    table: invoices
    set: {cents: 'round(total * 100)::bigint'}
    where: cents is null
    batch: {workers: 2}
validate:
  - {id: nothing_left, query: select id from invoices where cents is null, expect: no rows}
contract:
  - id: hide_total
    sql: alter table invoices rename column total to total_retired
    undo: alter table invoices rename column total_retired to total
finalize:
  - id: drop_total
    sql: alter table invoices drop column total_retired
    irreversible: the old amounts are gone
gates:
  review: {kind: approval, approvals: 2}
  contract: {kind: approval, old_application: {application_names: [invoices-v1*], roles: [invoices_v1]}}
`;

async function planned(text: string): Promise<HashedPlan> {
  const parser = await loadParser();
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
  return hashPlan(compiled.value);
}

describe('planView', () => {
  it('shows locks, waits and the way back of every step, and what cannot be undone', async () => {
    const plan = await planned(MIGRATION);
    expect(planView(plan).replace(plan.hash.slice(0, 12), '<hash>')).toMatchInlineSnapshot(`
"Whole cents
0001_cents · plan <hash> · PostgreSQL 18 · schema ffffffffffff

ASSERTION
  1. has_invoices
       select count(*) > 0 from invoices
       must be  true

gate review: waits for 2 approvals

snapshot

EXPAND
  2. add_cents
       alter table invoices add column cents bigint
       locks    AccessExclusiveLock on invoices (blocks reads and writes)
       waits    100 ms for its lock at first, at most 3.0 s at a time, 16 attempts; runs at most 30.0 s
       undo     alter table invoices drop column cents
       way back logical; loses nothing: the old application never sees it; the undo removes it
  3. index_cents
       create index concurrently invoices_cents on invoices (cents)
       locks    ShareUpdateExclusiveLock on invoices (blocks other schema changes)
       waits    as long as it takes, without blocking reads or writes; the catalog says when it is done
       undo     drop index concurrently invoices_cents
       way back logical; loses nothing: the old application never sees it; the undo removes it

gate deploy: waits until the deployment of app is signalled

BACKFILL
  4. fill_cents about 1,000,000 rows of public.invoices
       update public.invoices set cents = round(total * 100)::bigint where cents is null
       locks    the rows of one batch
       batch    100 ms, 100 to 50,000 rows, by id; 2 workers at once
       parity   cents compared with the old structure before contract
       undo     it writes only what expand created: invoices.cents
       way back logical; loses nothing: the old structures stay complete and in use

VALIDATE
  5. nothing_left
       select id from invoices where cents is null
       must be  no rows

gate contract: waits for an approval
  then waits until invoices-v1*, role invoices_v1 is disconnected, 1 h at most

snapshot

CONTRACT
  6. hide_total
       alter table invoices rename column total to total_retired
       locks    AccessExclusiveLock on invoices (blocks reads and writes)
       waits    100 ms for its lock at first, at most 3.0 s at a time, 16 attempts; runs at most 30.0 s
       undo     alter table invoices rename column total_retired to total
       way back structural; loses nothing: the undo brings the old structures back, kept in sync until then

gate soak: opens after 1 h

FINALIZE
  7. drop_total
       alter table invoices drop column total_retired
       locks    AccessExclusiveLock on invoices (blocks reads and writes)
       waits    100 ms for its lock at first, at most 3.0 s at a time, 16 attempts; runs at most 30.0 s
       undo     none: the old amounts are gone
       way back operational; loses every write since the snapshot: only a restore brings back what is dropped here

snapshots: before expand, before contract"
`);
  });
});
