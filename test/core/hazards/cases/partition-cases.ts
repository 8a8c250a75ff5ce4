import type { RuleCases } from '../hazard-case.ts';

export const PARTITION_CASES: RuleCases = {
  'attach-partition-scan': {
    fires: [
      'alter table p attach partition p2 for values from (10) to (20)',
      'alter table p attach partition p3 for values from (50) to (60)',
      { sql: 'alter table x attach partition y for values in (1)', blind: true },
    ],
    silent: [
      'alter table p attach partition p3 for values from (20) to (30)',
      'create table n (id int, k int); alter table p attach partition n for values from (70) to (80)',
      'alter index i attach partition j',
    ],
  },
  'attach-partition-default-scan': {
    fires: [
      'alter table p attach partition p3 for values from (20) to (30)',
      'alter table p attach partition p2 for values from (10) to (20)',
      'create table n partition of p for values from (70) to (80)',
    ],
    silent: [
      { sql: 'alter table x attach partition y for values in (1)', blind: true },
      'alter table p detach partition p1',
      'create table q (k int) partition by list (k); create table q1 partition of q for values in (1)',
    ],
  },
  'detach-partition-not-concurrent': {
    fires: [
      'alter table p detach partition p1',
      { sql: 'alter table x detach partition y', blind: true },
      { sql: 'alter table p detach partition p1', version: 13 },
    ],
    silent: [
      'alter table p detach partition p1 concurrently',
      'alter table p detach partition p1 finalize',
      'create table q (k int) partition by list (k); alter table q detach partition q1',
    ],
  },
  'create-partition-of': {
    fires: [
      'create table n partition of p for values from (70) to (80)',
      'create table if not exists n partition of p for values from (70) to (80)',
      { sql: 'create table n partition of x default', blind: true },
    ],
    silent: [
      'create table n (like p including all)',
      'create table q (k int) partition by list (k); create table q1 partition of q for values in (1)',
      'create table n (k int) inherits (t)',
    ],
  },
};
