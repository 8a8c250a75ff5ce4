import { describe } from '@jest/globals';
import { EXTRACTION_CASES } from './cases/on-extraction.ts';
import { sampleOnShapes } from './cases/on-shapes.ts';
import { CASES_ON_TABLES } from './cases/on-tables.ts';
import { describeCases } from './describe-cases.ts';

describe('operations on tables of every shape', () => {
  describeCases(sampleOnShapes());
});

/** `node scripts/operation-cases.ts` runs all of them. */
describe('operations that differ in what they say', () => {
  const all = [...CASES_ON_TABLES, ...EXTRACTION_CASES];
  describeCases(all.filter((_, index) => index % 6 === 0));
});
