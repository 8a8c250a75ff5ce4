import { describe, expect, it } from '@jest/globals';
import { notNullOfCopy } from '../../../lib/core/operations/column/not-null-of-copy.ts';
import { chosenName } from '../../../lib/core/operations/names.ts';
import { columnOf, tableOf } from './models.ts';

const sqlOf = (parts: ReturnType<typeof notNullOfCopy>) =>
  parts.validate.map((step) => (step.kind === 'statement' ? step.sql : step.kind));

const column = columnOf('c');
const copy = (constraints: readonly { readonly name: string; readonly columns: string[] }[]) => ({
  table: {
    ...tableOf('t', ['c']),
    constraints: constraints.map((each) => ({
      ...each,
      kind: 'not-null' as const,
      definition: 'NOT NULL c',
      validated: true,
      references: undefined,
    })),
  },
  column,
  name: 'c',
  shadow: 'c_lk_new',
});

describe('NOT NULL of a column that replaces another one', () => {
  it('takes the name over that it had', () => {
    // GIVEN a column whose NOT NULL somebody named
    const named = copy([{ name: 'c_is_there', columns: ['c'] }]);
    // WHEN
    const made = notNullOfCopy(named, 't', 18);
    // THEN
    expect(sqlOf(made)).toEqual([
      'alter table t add constraint c_is_there_lk_new not null c_lk_new not valid',
      'alter table t validate constraint c_is_there_lk_new',
    ]);
    expect(made.swap.map(({ act }) => act)).toEqual([
      'alter table t rename constraint c_is_there to c_is_there_lk_old',
      'alter table t rename constraint c_is_there_lk_new to c_is_there',
    ]);
  });

  it('gets the name that PostgreSQL would choose, with a number where it is taken', () => {
    const made = notNullOfCopy(copy([{ name: 't_c_not_null', columns: ['other'] }]), 't', 18);
    expect(made.model?.name).toBe('t_c_not_null1');
    expect(made.swap).toEqual([]);
  });

  it('has no name before PostgreSQL 18', () => {
    expect(sqlOf(notNullOfCopy(copy([]), 't', 17))).toContain(
      'alter table t alter column c_lk_new set not null',
    );
  });
});

describe('chosenName', () => {
  it.each([
    ['t', 'c', 't_c_not_null'],
    ['t'.repeat(40), 'c', `${'t'.repeat(40)}_c_not_null`],
    ['t'.repeat(63), 'c'.repeat(63), `${'t'.repeat(27)}_${'c'.repeat(26)}_not_null`],
    ['é'.repeat(31), 'c', `${'é'.repeat(26)}_c_not_null`],
  ])('of %s and %s', (table, columnName, expected) => {
    const name = chosenName(table, columnName, 'not_null');
    expect(name).toBe(expected);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
  });
});
