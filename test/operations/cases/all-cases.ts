import type { OperationCase } from '../operation-case.ts';
import { EXPRESSION_CASES } from './on-expressions.ts';
import { EXTRACTION_CASES } from './on-extraction.ts';
import { CASES_ON_SHAPES } from './on-shapes.ts';
import { CASES_ON_TABLES } from './on-tables.ts';

export const ALL_CASES: readonly OperationCase[] = [
  ...CASES_ON_SHAPES,
  ...CASES_ON_TABLES,
  ...EXTRACTION_CASES,
  ...EXPRESSION_CASES,
];
