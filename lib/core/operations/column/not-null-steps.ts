import { quoteName } from '../../sql/sql-name.ts';
import type { StepDraft } from '../lowered.ts';
import { derivedName } from '../names.ts';

/**
 * NOT NULL without a scan under ACCESS EXCLUSIVE: a CHECK that is NOT VALID at first, validated
 * under SHARE UPDATE EXCLUSIVE, proves it to SET NOT NULL (PostgreSQL 12 and later), then goes.
 */
export function notNullSteps(table: string, column: string): readonly StepDraft[] {
  const check = quoteName(derivedName(column, 'lk_not_null'));
  const name = quoteName(column);
  const add = `alter table ${table} add constraint ${check} check (${name} is not null) not valid`;
  const drop = `alter table ${table} drop constraint ${check}`;
  const step = (id: string, sql: string, undo: StepDraft['undo']): StepDraft => ({
    kind: 'statement',
    id: `${id}_not_null`,
    sql,
    undo,
  });
  return [
    step('check', add, { kind: 'statement', sql: drop }),
    step('validate', `alter table ${table} validate constraint ${check}`, {
      kind: 'nothing',
      why: 'the constraint itself is dropped by the undo of the step that made it',
    }),
    step('set', `alter table ${table} alter column ${name} set not null`, {
      kind: 'statement',
      sql: `alter table ${table} alter column ${name} drop not null`,
    }),
    step('proved', drop, { kind: 'statement', sql: add }),
  ];
}
