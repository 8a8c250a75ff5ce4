import { describe } from '@jest/globals';
import { EXPRESSION_CASES } from '../cases/on-expressions.ts';
import { EXTRACTION_CASES } from '../cases/on-extraction.ts';
import { CASES_ON_TABLES } from '../cases/on-tables.ts';
import { describeCases } from '../describe-cases.ts';

describe('operations that differ in what they say', () => {
  describeCases([...CASES_ON_TABLES, ...EXTRACTION_CASES, ...EXPRESSION_CASES]);
});
