/** What a scene migrates, and how far it is meant to come. */
export type Story =
  /** Every kind of step, and gates; succeeds. */
  | 'whole'
  /** The same with a snapshot before expand; succeeds. */
  | 'snapshot'
  /** The same as the first, but the data contradicts it: it is rolled back after its backfill. */
  | 'refused';

export const MIGRATION = '0001_add_nickname';
export const ROWS = 120;

/** The names of the migration's steps by what is special about them. */
export const STEPS = {
  strong: 'add_nickname',
  online: 'index_nickname',
  backfill: 'fill_nickname',
  constraint: 'nickname_is_there',
  proof: 'prove_nickname',
  detach: 'retire_name',
  drop: 'drop_name',
} as const;

/**
 * A strong lock, an index built CONCURRENTLY, a backfill of several batches, a constraint that is
 * validated on its own, a rename, a drop, a signal and an approval. The backfill
 * appends instead of setting, so a row that was moved twice has its nickname twice.
 */
export function migrationOf(story: Story): string {
  const expected = story === 'refused' ? 'upper(name)' : 'lower(name)';
  const snapshots =
    story === 'snapshot' ? '{before_expand: required, before_contract: none}' : 'none';
  return `version: 1
title: Add a nickname
expand:
  - id: ${STEPS.strong}
    sql: alter table people add column nickname text
    undo: alter table people drop column nickname
  - id: ${STEPS.online}
    sql: create index concurrently people_nickname on people (nickname)
    undo: drop index concurrently people_nickname
  - id: ${STEPS.constraint}
    sql: alter table people add constraint people_nickname_there check (nickname is not null) not valid
    undo: alter table people drop constraint people_nickname_there
backfill:
  - id: ${STEPS.backfill}
    table: people
    sql: update people set nickname = coalesce(nickname, '') || lower(name) where :range
    batch: {target: 20ms, min_rows: 10, max_rows: 30}
validate:
  - id: ${STEPS.proof}
    sql: alter table people validate constraint people_nickname_there
  - id: every_nickname_is_right
    query: select id from people where nickname is distinct from ${expected} limit 5
    expect: no rows
contract:
  - id: ${STEPS.detach}
    sql: alter table people rename column name to name_lk_old
    undo: alter table people rename column name_lk_old to name
finalize:
  - id: ${STEPS.drop}
    sql: alter table people drop column name_lk_old
    irreversible: the names in their own letters
gates:
  review: none
  deploy: {kind: signal}
  contract: {kind: approval}
  soak: none
snapshots: ${snapshots}
`;
}
