import { boundarySearch, cutBatch } from '../../core/backfill/batch.ts';
import { cutByNumbers, densityOf } from '../../core/backfill/dense-keys.ts';
import { type KeyValue, sameKey } from '../../core/backfill/key.ts';
import type { Position } from '../../core/backfill/position.ts';
import type { KeyRange } from '../../core/backfill/range.ts';
import type { Row } from '../../ports/database.ts';
import { findBoundary, readKey, type Walk } from '../../postgres/backfill/boundary.ts';
import type { Comparison, ParityMove } from '../../postgres/backfill/parity-statement.ts';
import type { Ahead } from './attempt-batch.ts';
import type { OpenSlice } from './open-slice.ts';

export interface ParityPlace {
  readonly position: Exclude<Position, { kind: 'end' }>;
  readonly goal: KeyValue;
  /** How many are compared at once. */
  readonly rows: number;
  /** What the last comparison found out about the keys after it. */
  readonly ahead: Ahead | undefined;
}

/** The last key that was compared; undefined at the start. */
function comparedUpTo({ position }: ParityPlace): KeyValue | undefined {
  return position.kind === 'between' ? position.after : undefined;
}

/** What is compared next, and what is looked for meanwhile. @throws DatabaseError */
export async function nextMove(
  { context, step, facts }: OpenSlice,
  { parity, quarantineOf }: Comparison,
  place: ParityPlace,
): Promise<ParityMove> {
  const { position, goal, rows, ahead } = place;
  const after = comparedUpTo(place);
  const wish = { rows, modulus: 1, by: 'value', strict: false } as const;
  const counted =
    ahead?.kind === 'dense' ? cutByNumbers(position, wish, goal, ahead.density) : undefined;
  if (counted !== undefined) {
    const { range, next } = counted;
    return { kind: 'range', range, next, lookAhead: undefined, dense: true };
  }
  // Looking for the end of a range costs a third of comparing it, so it is found on the way where
  // that is one cheap aggregate and where nothing leaves rows of the range out.
  const simple = parity.join === undefined && parity.where === undefined;
  const onTheWay = facts.keyKind === 'integer' && facts.keyOrder === 'clustered';
  if (onTheWay && simple && quarantineOf === undefined) {
    return { kind: 'counted', after, goal, rows };
  }
  const known =
    ahead?.kind === 'looked' && sameStart(ahead.search.after, after) ? ahead : undefined;
  const search = known?.search ?? { after, through: goal, stride: undefined, keys: rows };
  const found =
    known === undefined ? await findBoundary(context.database, step, search) : known.found;
  const { range, next } = cutBatch(position, { ...wish, rows: search.keys }, goal, found);
  const lookAhead = next.kind === 'between' ? boundarySearch(next, wish, goal) : undefined;
  return { kind: 'range', range, next, lookAhead, dense: false };
}

/** Which rows were compared; undefined: there were none. @param row what the comparison answered */
export function comparedRange(
  move: ParityMove,
  place: ParityPlace,
  row: Row | undefined,
): KeyRange | undefined {
  if (move.kind === 'range') return move.range;
  const through = row?.['through'];
  if (typeof through !== 'string') return undefined;
  return { after: comparedUpTo(place), through: [through], stride: undefined };
}

/** What an answer tells of the keys after the ones that it is about. */
export function aheadOf(
  walk: Walk,
  move: ParityMove,
  range: KeyRange,
  row: Row | undefined,
): Ahead | undefined {
  const density = densityOf(walk.key, range, Number(row?.['compared']));
  if (density !== undefined) return { kind: 'dense', density };
  if (move.kind === 'counted' || move.lookAhead === undefined) return undefined;
  return { kind: 'looked', search: move.lookAhead, found: readKey(walk, row) };
}

function sameStart(a: KeyValue | undefined, b: KeyValue | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameKey(a, b);
}
