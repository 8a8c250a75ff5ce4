import { beforeAll, describe, expect, it } from '@jest/globals';
import type { DeclaredBackfill } from '../../../lib/core/migration/migration.ts';
import { parityOf } from '../../../lib/core/plan/parity-of.ts';
import { type ClassifyContext, NOTHING_EARLIER } from '../../../lib/core/sql/catalog.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';

let context: ClassifyContext;
beforeAll(async () => {
  context = {
    parser: await loadParser(),
    serverVersion: 18,
    timeZoneUtc: true,
    catalog: undefined,
    earlier: NOTHING_EARLIER,
  };
});

const parity = (
  set: Readonly<Record<string, string>>,
  more: { where?: string; declared?: DeclaredBackfill['parity']; isProof?: boolean } = {},
) => {
  const work = { kind: 'update', set, where: more.where } as const;
  const backfill = { work, parity: more.declared } as unknown as DeclaredBackfill;
  return parityOf(backfill, more.isProof ?? true, context);
};
const names = (set: Readonly<Record<string, string>>) =>
  parity(set)?.pairs.map(({ name }) => name) ?? [];

describe('parityOf', () => {
  it('compares each column with its expression, and stops where they differ', () => {
    expect(parity({ cents: 'round(total * 100)' })).toEqual({
      pairs: [
        {
          name: 'cents',
          sides: { expected: 'round(total * 100)', actual: '"cents"', column: 'cents' },
        },
      ],
      onMismatch: 'stop',
    });
  });

  it.each([
    'now()',
    'current_timestamp',
    'random()',
    'gen_random_uuid()',
    `nextval('n')`,
    'age(born)',
  ])('leaves out a column that is set to %s, which has another value later', (expression) => {
    expect(names({ cents: 'total', other: expression })).toEqual(['cents']);
    expect(parity({ other: expression })).toBeUndefined();
  });

  it('leaves out a column that is made of itself, or of another one that is set', () => {
    expect(names({ moved: 'moved + 1', label: 'lower(name)', again: 'label' })).toEqual(['label']);
  });

  it('keeps a condition that restricts the rows, and not one that says what is left to do', () => {
    expect(parity({ cents: 'total' }, { where: 'cents is null' })?.where).toBeUndefined();
    expect(parity({ cents: 'total' }, { where: 'not deleted' })?.where).toBe('not deleted');
  });

  it('compares nothing where nothing is taken away, unless it is asked for', () => {
    expect(parity({ cents: 'total' }, { isProof: false })).toBeUndefined();
    const asked = {
      kind: 'compared',
      pairs: undefined,
      join: undefined,
      where: 'id > 7',
      onMismatch: 'repair',
    } as const;
    expect(parity({ cents: 'total' }, { isProof: false, declared: asked })).toMatchObject({
      pairs: [{ name: 'cents' }],
      where: 'id > 7',
      onMismatch: 'repair',
    });
    expect(
      parity({ cents: 'total' }, { declared: { kind: 'skipped', why: 'so' } }),
    ).toBeUndefined();
  });

  it('leaves out what an operation made of an expression that cannot be asked again', () => {
    // GIVEN pairs of up and down
    const pair = (name: string, up: string, down = name) => ({
      name,
      sides: { expected: up, actual: `"${name}_lk_new"`, column: `${name}_lk_new` },
      or: { expected: down, actual: `"${name}"`, column: name },
    });
    const pairs = [
      pair('cents', 'total * 100'),
      pair('code', `code || random()`),
      pair('seen', 'seen', 'coalesce(seen, now())'),
      pair('owner', '(select case when exists (select from users) then owner end)'),
    ];
    const more = { kind: 'compared', pairs, join: undefined, where: undefined } as const;
    // WHEN
    const derived = parity({}, { declared: { ...more, onMismatch: 'stop', derived: true } });
    const asked = parity({}, { declared: { ...more, onMismatch: 'stop' } });
    // THEN what somebody asked for is kept
    expect(derived?.pairs.map(({ name }) => name)).toEqual(['cents']);
    expect(asked?.pairs).toHaveLength(4);
  });
});
