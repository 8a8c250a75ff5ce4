import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BenchServer, openBenchServer } from '../../bench/bench-server.ts';
import { type Case, casesOf } from '../../bench/cases.ts';
import { measureCase } from '../../bench/measure-case.ts';

const ROWS = 12_000;
let server: BenchServer;
beforeAll(async () => {
  server = await openBenchServer();
  await server.load('bigint', ROWS, 1);
});
afterAll(() => server.close());

describe('measureCase', () => {
  it('sees that the engine moved each row once, strided', async () => {
    const result = await measureCase(server, caseOf('bigint/lockkeeper-trigger'), ROWS);
    expect(result).toMatchObject({ rows: ROWS, problem: undefined });
    expect(result.hotPercent).toBeGreaterThan(30);
    expect(result.strategies.join()).toMatch(/^strided by 8: /);
  });

  it('says so when rows were left behind', async () => {
    const result = await measureCase(server, caseOf('bigint/single'), ROWS + 1);
    expect(result.problem).toBe(
      `${ROWS} of ${ROWS + 1} rows are filled by ${ROWS} updates, claimed were ${ROWS}`,
    );
  });

  it('says so when a row was moved twice', async () => {
    // GIVEN a trigger that touches the row again
    await server.run('bigint', [
      `create function again() returns trigger language plpgsql as
       $$ begin update items set status = 8 where id = new.id and id <= 3; return null; end $$`,
      'create trigger again after update of email_lower on items for each row execute function again()',
    ]);
    const result = await measureCase(server, caseOf('bigint/single'), ROWS);
    expect(result.problem).toContain(`by ${ROWS + 3} updates`);
  });
});

function caseOf(id: string): Case {
  const found = casesOf(false).find((each) => each.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
}
