import type { BackfillStep } from '../../../lib/core/plan/plan.ts';
import { type Chamber, openChamber } from './lock-chamber.ts';

/** Of the table `items`. */
export const ROWS = 900;
/** Counts what really happened to a row, whatever the work says it did. */
const COUNTING_TABLE = [
  'create table items (id bigint primary key, label text, moved int not null default 0)',
  `create function count_move() returns trigger language plpgsql as
   $$ begin new.moved := old.moved + 1; return new; end $$`,
  `create trigger count_move before update of label on items
   for each row execute function count_move()`,
  `insert into items select n, 'old ' || n from generate_series(1, ${ROWS}) n`,
  'analyze items',
];
export const WORK = { kind: 'update', set: { label: `'row ' || id` }, where: undefined } as const;
export const WORKERS = { workers: 3, maxRows: 20 };
export const DONE = { kind: 'done', rows: ROWS, quarantined: 0 };

/** A table that is large enough for workers, as far as its statistics tell. */
export interface CrewChamber extends Chamber {
  /** The work on `items` with three workers and small batches. */
  crewStep(pacing?: Partial<BackfillStep['pacing']>): Promise<BackfillStep>;
  /** The estimate decides about workers; a test cannot have ten thousand rows for each. */
  pretendRows(rows: number, table?: string): Promise<void>;
  /** How often the rows of `items` were moved. */
  moves(): Promise<readonly Record<string, unknown>[]>;
  /** What each worker did, in the order of the key. */
  parts(): Promise<readonly Record<string, unknown>[]>;
}

export async function openCrewChamber(): Promise<CrewChamber> {
  const chamber = await openChamber(...COUNTING_TABLE);
  const { sql } = chamber;
  const pretendRows = async (rows: number, table = 'items'): Promise<void> => {
    await sql(`update pg_class set reltuples = ${rows} where oid = '${table}'::regclass`);
  };
  await pretendRows(1e6);
  return {
    ...chamber,
    crewStep: (pacing) => chamber.step({ work: WORK, pacing: { ...WORKERS, ...pacing } }),
    pretendRows,
    moves: () => sql('select moved, count(*)::int from items group by 1 order by 1'),
    parts: () =>
      sql(`select part, goal ->> 0 as goal, rows_moved::int as rows, position ->> 'kind' as position
           from lockkeeper.backfills order by part`),
  };
}
