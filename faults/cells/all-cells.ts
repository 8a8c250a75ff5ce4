import type { Cell } from '../cell.ts';
import { DATA_API_CELLS, DATABASE_CELLS, LASTING_CELLS } from './data-api-cells.ts';
import { KILL_CELLS, LAMBDA_CELLS } from './lambda-cells.ts';
import { CONTROL_STORE_CELLS, OTHER_CELLS, RDS_CELLS } from './service-cells.ts';

/** The whole matrix, seam by seam. */
export const ALL_CELLS: readonly Cell[] = [
  ...DATA_API_CELLS,
  ...DATABASE_CELLS,
  ...LASTING_CELLS,
  ...LAMBDA_CELLS,
  ...KILL_CELLS,
  ...CONTROL_STORE_CELLS,
  ...RDS_CELLS,
  ...OTHER_CELLS,
];
