import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Plan, Step } from '../../../lib/core/plan/plan.ts';
import { type Forecast, forecasts, type Measured } from '../../../lib/core/preflight/forecast.ts';
import { judgeStorage } from '../../../lib/core/preflight/judge-storage.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { catalogWith } from '../hazards/hazard-case.ts';

const GIB = 1024 ** 3;
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const statement = (stepId: string, sql: string) =>
  ({ kind: 'statement', phase: 'expand', stepId, action: { sql } }) as Step;
const fill = {
  kind: 'backfill',
  phase: 'migrate',
  stepId: 'fill',
  table: { schema: 'public', name: 't' },
  estimatedRows: 60_000_000,
} as Step;

function forecast(steps: readonly Step[], measured: readonly Measured[] = []) {
  const plan = { serverVersion: 18, steps } as Plan;
  const sizes = ['t', '"public"."t"'].map((table) => ({
    table,
    heapBytes: 6 * GIB,
    indexBytes: 2 * GIB,
  }));
  return forecasts(plan, { parser, catalog: catalogWith(60_000_000), sizes, measured });
}
const range = (found: Forecast | undefined) =>
  found?.time.kind === 'range' ? [found.time.fromMs, found.time.toMs] : found?.time.kind;

describe('forecasts', () => {
  it('say how long a step works and what it writes anew, and on what that is based', () => {
    const [column, index, type, check, backfill] = forecast([
      statement('column', 'alter table t add column z int'),
      statement('index', 'create index concurrently i on t (c)'),
      statement('type', 'alter table t alter a type bigint'),
      statement('check', 'alter table t validate constraint ck_nv'),
      fill,
    ]);
    // 60 million rows at 600, 200, 3000 and 30 a millisecond, and four times slower
    expect([column, index, type, check, backfill].map(range)).toEqual([
      'moment',
      [100_000, 400_000],
      [300_000, 1_200_000],
      [20_000, 80_000],
      [2_000_000, 8_000_000],
    ]);
    expect([column, index, type, check, backfill].map((each) => each?.copy?.bytes)).toEqual([
      undefined,
      2_400_000_000,
      8 * GIB,
      undefined,
      8 * GIB,
    ]);
    expect(type?.copy?.basis).toBe('t with its indexes, written anew');
  });

  it('believe a rehearsal more than a constant', () => {
    const times = new Map([
      ['index', { ms: 90_000 }],
      ['fill', { rowsPerSecond: 20_000 }],
    ]);
    const measured = [{ where: 'staging, 0001-x', times }];
    const [index, backfill] = forecast(
      [statement('index', 'create index concurrently i on t (c)'), fill],
      measured,
    );
    expect(range(index)).toEqual([90_000, 90_000]);
    expect(backfill?.time).toMatchObject({
      toMs: 3_000_000,
      basis: 'about 60000000 rows at the 20000 a second that were measured in staging, 0001-x',
    });
  });
});

describe('judgeStorage', () => {
  it('says how much room a plan needs, and what nobody can ask', () => {
    const expected = forecast([statement('type', 'alter table t alter a type bigint'), fill]);
    const [plain] = judgeStorage(expected, { usedBytes: 100 * GIB, aurora: false });
    expect(plain?.message).toBe(
      'the plan writes up to 16.0 GiB anew (type 8.0 GiB, fill 8.0 GiB), and as much WAL, beside the 100.0 GiB of the server; how much is free cannot be asked in SQL',
    );
    expect(plain?.fix).toContain('32.0 GiB are free');
    const [aurora] = judgeStorage(expected, { usedBytes: 100 * GIB, aurora: true });
    expect(aurora?.fix).toContain('FreeLocalStorage');
  });

  it('says how much local storage the writer has left, where CloudWatch may be asked', () => {
    const expected = forecast([statement('type', 'alter table t alter a type bigint'), fill]);
    const [enough, short] = [20, 6].map((free) => {
      const storage = { usedBytes: 100 * GIB, aurora: true, freeLocalBytes: free * GIB };
      return judgeStorage(expected, storage)[0];
    });
    expect(enough?.message).toContain('has about 20 GiB of local storage left for sorting');
    expect(enough?.fix).toContain('VolumeBytesUsed');
    expect(short?.message).toContain(
      'has about 6 GiB of local storage left for sorting, less than type',
    );
  });

  it('is silent about what fits anywhere', () => {
    const expected = forecast([statement('column', 'alter table t add column z int')]);
    expect(judgeStorage(expected, { usedBytes: 1, aurora: false })).toEqual([]);
  });
});
