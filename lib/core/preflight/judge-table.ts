import { type Condition, refuse, type TableCondition, warn } from './condition.ts';

/** A backfill writes every row once more; a table this full of dead rows should be vacuumed first. */
const DEAD_SHARE = 0.3;
/** So near to autovacuum_freeze_max_age the vacuum that no lock request stops begins any day. */
const FREEZE_SHARE = 0.95;

/** What of a table's condition is worth saying. */
export function judgeTable(table: TableCondition): readonly Condition[] {
  return [...rights(table), ...objects(table), ...vacuum(table)];
}

function rights({ table, foreignOwner, lacking }: TableCondition): readonly Condition[] {
  return [
    ...(foreignOwner === undefined
      ? []
      : [
          refuse(
            'not-owner',
            `${table} belongs to ${foreignOwner}, and only its owner may change it`,
            `grant ${foreignOwner} to the role of the migration, or alter the owner`,
          ),
        ]),
    ...lacking.map((privilege) =>
      refuse(
        'privilege',
        `our role has no ${privilege.toUpperCase()} on ${table}`,
        `grant ${privilege} on ${table} to the role of the migration`,
      ),
    ),
  ];
}

function objects({ table, invalidIndexes, disabledTriggers }: TableCondition) {
  return [
    ...invalidIndexes.map((index) =>
      warn(
        'invalid-index',
        `the index ${index} of ${table} is invalid: every write maintains it and no query uses it`,
        `reindex index concurrently ${index}, or drop index concurrently ${index}`,
      ),
    ),
    ...disabledTriggers.map((trigger) =>
      warn(
        'disabled-trigger',
        `the trigger ${trigger} of ${table} is disabled`,
        'make sure that it should be: the backfill does not run it either',
      ),
    ),
  ];
}

function vacuum({ table, deadShare, autovacuum, wraparoundVacuum, freezeShare }: TableCondition) {
  return [
    ...(deadShare === undefined || deadShare < DEAD_SHARE
      ? []
      : [
          warn(
            'dead-rows',
            `${Math.round(deadShare * 100)}% of the rows of ${table} are dead`,
            'vacuum it first, or see why autovacuum does not',
          ),
        ]),
    ...(autovacuum
      ? []
      : [
          warn(
            'autovacuum-off',
            `autovacuum is off for ${table}: nobody removes the dead rows of a backfill, or gathers statistics after it`,
            `alter table ${table} reset (autovacuum_enabled), or vacuum and analyze it yourself`,
          ),
        ]),
    ...(wraparoundVacuum || freezeShare >= FREEZE_SHARE
      ? [
          warn(
            'wraparound-vacuum',
            wraparoundVacuum
              ? `a vacuum to prevent wraparound is at work on ${table}: it does not give way, so steps that lock the table fail until it is done`
              : `the oldest row of ${table} is at ${Math.round(freezeShare * 100)}% of autovacuum_freeze_max_age: a vacuum that does not give way to locks begins soon`,
            wraparoundVacuum ? 'wait until it is done' : `vacuum freeze ${table} before`,
          ),
        ]
      : []),
  ];
}
