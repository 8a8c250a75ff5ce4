import { describe } from '@jest/globals';
import { CASES_ON_SHAPES } from '../cases/on-shapes.ts';
import { describeCases } from '../describe-cases.ts';

describe('operations on tables of every shape', () => {
  describeCases(CASES_ON_SHAPES);
});
