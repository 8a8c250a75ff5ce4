import { describe } from '@jest/globals';
import { sampleOnShapes } from './cases/on-shapes.ts';
import { describeCases } from './describe-cases.ts';

describe('operations on tables of every shape, part 1 of 2', () => {
  describeCases(sampleOnShapes(0));
});
