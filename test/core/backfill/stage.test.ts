import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  afterScan,
  afterStep,
  firstPass,
  parseStage,
  type ScanResult,
  type Stage,
  writeStage,
} from '../../../lib/core/backfill/stage.ts';

const GOAL = ['(100,0)'];
const LAST_KEY = ['ffffffff-ffff-ffff-ffff-ffffffffffff'];
const END = { kind: 'end' } as const;

/** Goes on as if each pass met everything at once. */
function next(stage: Stage, scan: () => ScanResult): Stage {
  switch (stage.kind) {
    case 'pass':
      return afterStep(stage, END);
    case 'closing':
      return afterScan(stage, scan(), LAST_KEY);
    default:
      return stage;
  }
}

const scans = fc.infiniteStream(
  fc.constantFrom<ScanResult>(
    { kind: 'nothing-left' },
    { kind: 'rows-left', goal: ['(120,0)'] },
    { kind: 'cut-short' },
  ),
);

describe('passes over the pages', () => {
  it('end after a clean scan, or a walk by the key, and never otherwise', () => {
    fc.assert(
      fc.property(scans, (results) => {
        let stage: Stage = firstPass(GOAL);
        let proof: string | undefined;
        for (let step = 0; stage.kind !== 'end'; step += 1) {
          expect(step).toBeLessThan(20);
          const before = stage;
          stage = next(parseStage(writeStage(before)), () => {
            const result = results.next().value;
            proof = result.kind;
            return result;
          });
          if (before.kind === 'pass') proof = before.by;
        }
        expect(['nothing-left', 'key']).toContain(proof);
      }),
    );
  });

  it('look at the pages again for rows that moved, with those that came meanwhile', () => {
    const closing = { kind: 'closing', pass: 1, attempts: 0 } as const;
    const again = afterScan(closing, { kind: 'rows-left', goal: ['(120,0)'] }, LAST_KEY);
    expect(again).toMatchObject({ kind: 'pass', pass: 2, by: 'pages', goal: ['(120,0)'] });
  });

  it.each([
    ['the third pass left rows', { kind: 'rows-left', goal: GOAL }, { pass: 3, attempts: 0 }],
    ['two scans did not fit', { kind: 'cut-short' }, { pass: 1, attempts: 1 }],
  ] as const)('go by the key when %s', (_, result, closing) => {
    const stage = afterScan({ kind: 'closing', ...closing }, result, LAST_KEY);
    expect(stage).toMatchObject({ kind: 'pass', by: 'key', goal: LAST_KEY });
  });

  it('come back from their stored form as they were', () => {
    const stages: readonly Stage[] = [
      firstPass(GOAL),
      { ...firstPass(GOAL), at: { kind: 'between', after: ['(7,0)'] } },
      { kind: 'closing', pass: 2, attempts: 1 },
      { kind: 'between', after: undefined },
      END,
    ];
    for (const stage of stages) expect(parseStage(writeStage(stage))).toEqual(stage);
  });
});
