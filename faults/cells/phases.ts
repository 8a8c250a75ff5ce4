import type { HandlerName } from '../../lib/core/workflow/handlers.ts';
import type { Story } from '../migrations.ts';

/** A phase that works on the target, with the statement that it is there for. */
export interface Phase {
  readonly name: string;
  readonly by: HandlerName;
  readonly story: Story;
  /** Text that only this statement has. */
  readonly sql: string;
  /** Inside a transaction of ours: it begins and commits. */
  readonly transactional: boolean;
  /** A lock that the statement cannot pass. */
  readonly blockedBy: string;
}

/** The strong lock, the online statement, the batch, the proof, the question, the rename, the drop, the undos. */
export const PHASES: readonly Phase[] = [
  {
    name: 'expand: add column',
    by: 'expand',
    story: 'whole',
    sql: 'add column nickname',
    transactional: true,
    blockedBy: 'access share',
  },
  {
    name: 'expand: index concurrently',
    by: 'expand',
    story: 'whole',
    sql: 'create index concurrently',
    transactional: false,
    blockedBy: 'row exclusive',
  },
  {
    name: 'backfill: batch',
    by: 'backfill',
    story: 'whole',
    sql: 'coalesce(nickname',
    transactional: false,
    blockedBy: 'share',
  },
  {
    name: 'validate: constraint',
    by: 'validate',
    story: 'whole',
    sql: 'validate constraint',
    transactional: false,
    blockedBy: 'share update exclusive',
  },
  {
    name: 'validate: check',
    by: 'validate',
    story: 'whole',
    sql: 'nickname is distinct from',
    transactional: true,
    blockedBy: 'access exclusive',
  },
  {
    name: 'contract: rename',
    by: 'contract',
    story: 'whole',
    sql: 'rename column name to',
    transactional: true,
    blockedBy: 'access share',
  },
  {
    name: 'finalize: drop',
    by: 'finalize',
    story: 'whole',
    sql: 'drop column name_lk_old',
    transactional: true,
    blockedBy: 'access share',
  },
  {
    name: 'roll back: drop index',
    by: 'rollback',
    story: 'refused',
    sql: 'drop index concurrently',
    transactional: false,
    blockedBy: 'row exclusive',
  },
  {
    name: 'roll back: drop column',
    by: 'rollback',
    story: 'refused',
    sql: 'drop column nickname',
    transactional: true,
    blockedBy: 'access share',
  },
];
