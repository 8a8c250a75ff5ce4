import { describe, expect, it } from '@jest/globals';
import type { StepId } from '../../../lib/core/ids.ts';
import type { Forecast } from '../../../lib/core/preflight/forecast.ts';
import { judgeWal, type WalFiles } from '../../../lib/core/preflight/judge-wal.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const writes = (stepId: string, bytes: number | undefined): Forecast => ({
  stepId: stepId as StepId,
  time: { kind: 'moment', basis: 'nothing to do with it' },
  copy: bytes === undefined ? undefined : { bytes, basis: 'its table' },
});
/** As `initdb` leaves a server that had little to do. */
const QUIET: WalFiles = {
  fileBytes: 16 * MIB,
  keptBytes: 80 * MIB,
  mostBytes: GIB,
  files: 5,
};

describe('judgeWal', () => {
  it('tells how many files a server makes while the largest step writes, and what keeps it from that', () => {
    const steps = [writes('column', undefined), writes('fill', 512 * MIB), writes('index', MIB)];
    expect(judgeWal(steps, QUIET)).toEqual([
      {
        kind: 'wal-files',
        severity: 'warn',
        message:
          "step fill writes about 512 MiB of WAL, and the server has files for 80 MiB: it makes up to 27 new ones of 16 MiB meanwhile, and nobody's transaction commits while it fills one with zeroes",
        fix: "set min_wal_size = '512MB' (on RDS: in the parameter group) and let the server write as much before, so that it has files to write again",
      },
    ]);
  });

  it('counts no more than is written between two checkpoints', () => {
    const [found] = judgeWal([writes('fill', 300 * GIB)], QUIET);
    expect(found?.message).toMatch(/^step fill writes about 300.0 GiB .* up to 59 new ones/);
    expect(found?.fix).toContain("min_wal_size = '1024MB'");
  });

  it('goes by what is kept at least, where our role does not see the files', () => {
    const [found] = judgeWal([writes('fill', GIB)], { ...QUIET, files: undefined });
    expect(found?.message).toContain('the server has files for 80 MiB: it makes up to 59');
    const kept = { ...QUIET, keptBytes: GIB, files: undefined };
    expect(judgeWal([writes('fill', GIB)], kept)).toEqual([]);
  });

  it.each<[string, readonly Forecast[], WalFiles | undefined]>([
    ['there are no files, or new ones cost nothing', [writes('fill', GIB)], undefined],
    ['a busy server has enough of them', [writes('fill', GIB)], { ...QUIET, files: 60 }],
    ['few are made', [writes('fill', 320 * MIB)], QUIET],
    ['nothing is written that grows with a table', [writes('column', undefined)], QUIET],
  ])('is silent where %s', (_why, steps, wal) => {
    expect(judgeWal(steps, wal)).toEqual([]);
  });
});
