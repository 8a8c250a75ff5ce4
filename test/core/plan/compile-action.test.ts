import { expect, it } from '@jest/globals';
import { compileAction } from '../../../lib/core/plan/compile-action.ts';
import { NOTHING_EARLIER } from '../../../lib/core/sql/catalog.ts';
import { loadParser } from '../../../lib/core/sql/parser.ts';

async function compiled(sql: string) {
  const outcome = compileAction(
    { sql },
    {
      parser: await loadParser(),
      serverVersion: 18,
      timeZoneUtc: true,
      catalog: undefined,
      earlier: NOTHING_EARLIER,
    },
  );
  if (outcome.kind === 'refused') throw new Error(outcome.why);
  return outcome.action;
}

it('says the lock of a statement with several commands once', async () => {
  const { locks } = await compiled('alter table accounts drop column a, drop column b');
  expect(locks).toEqual([{ relation: 'accounts', mode: 'AccessExclusiveLock' }]);
});

it('names every relation that is locked', async () => {
  const { locks } = await compiled(
    'alter table orders add constraint orders_fk foreign key (a) references accounts (id) not valid',
  );
  expect(locks.map(({ relation }) => relation).toSorted()).toEqual(['accounts', 'orders']);
});

it('refuses what could not be resumed', async () => {
  await expect(compiled('vacuum accounts')).rejects.toThrow('could not be resumed safely');
});
