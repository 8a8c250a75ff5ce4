import { type Cell, cellsOf, some } from '../cell.ts';
import { cancelled, DATABASE_TROUBLES, leaseStolen } from '../database-trouble.ts';
import { DATA_API_TROUBLES } from '../trouble.ts';
import { PHASES, type Phase } from './phases.ts';

/** The Data API in each phase: the statement itself, and the transaction around it. */
export const DATA_API_CELLS: readonly Cell[] = [
  ...PHASES.flatMap(statementCells),
  ...transactionCells('prepare', 'whole'),
  ...transactionCells('expand', 'whole'),
  ...transactionCells('backfill', 'whole'),
  ...transactionCells('validate', 'whole'),
  ...transactionCells('contract', 'whole'),
  ...transactionCells('finalize', 'whole'),
  ...transactionCells('rollback', 'refused'),
];

function statementCells({ name, by, story, sql }: Phase): readonly Cell[] {
  return cellsOf({
    seam: 'Data API',
    call: `ExecuteStatement, ${name}`,
    story,
    aim: { service: 'rds-data', action: 'ExecuteStatement', by, sql },
    faults: some(
      DATA_API_TROUBLES,
      'throttled',
      'server error',
      'reset, done',
      'timeout, not done',
      'timeout, done',
    ),
  });
}

function transactionCells(by: Phase['by'], story: Phase['story']): readonly Cell[] {
  const parts = { seam: 'Data API', story } as const;
  return [
    ...cellsOf({
      ...parts,
      call: `BeginTransaction, ${by}`,
      aim: { service: 'rds-data', action: 'BeginTransaction', by },
      faults: some(DATA_API_TROUBLES, 'unavailable'),
    }),
    ...cellsOf({
      ...parts,
      call: `CommitTransaction, ${by}`,
      aim: { service: 'rds-data', action: 'CommitTransaction', by },
      faults: some(DATA_API_TROUBLES, 'unavailable, done', 'reset, not done', 'reset, done'),
    }),
  ];
}

/** What happens to the server, or to the right to use it, around the statement of each phase. */
export const DATABASE_CELLS: readonly Cell[] = PHASES.flatMap(
  ({ name, by, story, sql, blockedBy }) =>
    cellsOf({
      seam: 'Database',
      call: name,
      story,
      aim: { service: 'rds-data', action: 'ExecuteStatement', by, sql },
      faults: {
        ...DATABASE_TROUBLES,
        cancelled: cancelled(blockedBy),
        'lease stolen': leaseStolen,
      },
    }),
);

/** Faults that stay until the execution has given up on the phase. */
export const LASTING_CELLS: readonly Cell[] = PHASES.filter(
  ({ transactional }) => transactional,
).flatMap(({ name, by, story, sql }) =>
  cellsOf({
    seam: 'Data API, for good',
    call: name,
    story,
    aim: { service: 'rds-data', action: 'ExecuteStatement', by, sql, times: 10_000 },
    faults: some(DATA_API_TROUBLES, 'server error'),
  }),
);
