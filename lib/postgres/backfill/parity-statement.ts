import type { BoundarySearch } from '../../core/backfill/batch.ts';
import { columnReferences, type KeyValue, keyTexts } from '../../core/backfill/key.ts';
import type { Parity, ParityPass, ParitySides } from '../../core/backfill/parity.ts';
import { type Position, writePosition } from '../../core/backfill/position.ts';
import { type KeyRange, rangePredicate } from '../../core/backfill/range.ts';
import {
  mayHaveSubquery,
  quoteIdentifier,
  quoteLiteral,
  quoteQualified,
} from '../../core/backfill/sql-text.ts';
import type { StepId } from '../../core/ids.ts';
import type { Fence } from '../ledger/fence.ts';
import { tagOf } from './batch-statement.ts';
import { boundaryQuery, type Walk, walkPredicate } from './boundary.ts';
import type { ColumnTypes } from './column-types.ts';

/** What is compared, with all that the catalog adds to it. */
export interface Comparison {
  readonly walk: Walk;
  /** What the walked table is called. */
  readonly alias: string;
  readonly parity: Parity;
  readonly types: ColumnTypes;
  /** Rows that were set aside are known to differ, and are decided about elsewhere. */
  readonly quarantineOf: { readonly executionId: string; readonly stepId: StepId } | undefined;
}

export interface ParityClaim {
  readonly fence: Fence;
  readonly stepId: StepId;
  readonly pass: ParityPass;
  /** The revision that was read: two runners cannot both count a range. */
  readonly revision: string;
}

/** What is compared next. */
export type ParityMove =
  /** A range, and where the pass stands after it; and what to look for meanwhile. */
  | {
      readonly kind: 'range';
      readonly range: KeyRange;
      readonly next: Position;
      readonly lookAhead: BoundarySearch | undefined;
      /** Whether its rows are neighbours on disk too, as far as is known. */
      readonly dense: boolean;
    }
  /** As many rows as wished, for a key of one integer column: the scan that compares finds its end. */
  | {
      readonly kind: 'counted';
      readonly after: KeyValue | undefined;
      readonly goal: KeyValue;
      readonly rows: number;
    };

/**
 * One statement that compares a range and moves the pass: it reads under one snapshot, takes no row
 * lock of the table, and sends a few numbers, never a row. `offset 0` keeps each expression from
 * being evaluated once for the comparison and once more for the digest.
 *
 * Two independent proofs: rows whose values differ are counted one by one, and each side has a
 * digest, the sum of a 64-bit hash of its rows, which does not depend on their order.
 */
export function compareStatement(
  comparison: Comparison,
  claim: ParityClaim,
  move: ParityMove,
): string {
  const statement = compareText(comparison, claim, move);
  const tag = `/* ${tagOf(claim)} */`;
  if (move.kind !== 'range' || !move.dense || !readsOneTable(comparison)) {
    return `${tag} ${statement}`;
  }
  return `${tag} select * from lockkeeper.in_page_order(${quoteLiteral(statement)})
    as (compared float8, different float8, through text, revision text, server_ms float8)`;
}

/** Without a join or a subquery, whose tables would be read in the order of pages as well. */
function readsOneTable({ parity, quarantineOf }: Comparison): boolean {
  const { join, where = '', pairs } = parity;
  const texts = pairs.flatMap(({ sides, or }) => [sides, or ?? sides]);
  const sql = texts.flatMap(({ expected, actual }) => [expected, actual]);
  const isPlain = ![where, ...sql].some(mayHaveSubquery);
  return join === undefined && quarantineOf === undefined && isPlain;
}

function compareText(comparison: Comparison, claim: ParityClaim, move: ParityMove): string {
  const { from, position, through, ahead } = partsOf(comparison, move);
  return `with lockkeeper_compared as materialized (
  ${counts(comparison, from, through)}
),
lockkeeper_advanced as (
  update lockkeeper.parity as p
  set revision = p.revision + 1, position = moved.position,
      finished_at = case when moved.position ->> 'kind' = 'end' then clock_timestamp() end,
      rows_compared = p.rows_compared + c.compared, rows_different = p.rows_different + c.different,
      digest_expected = p.digest_expected + c.expected, digest_actual = p.digest_actual + c.actual,
      work_ms = p.work_ms + extract(epoch from clock_timestamp() - statement_timestamp()) * 1000,
      updated_at = clock_timestamp()
  from lockkeeper_compared as c, lateral (select ${position} as position) as moved
  where ${claimed(claim)}
  returning p.revision
)
select c.compared::float8 as compared, c.different::float8 as different, c.through,
  (select revision::text from lockkeeper_advanced) as revision,
  (extract(epoch from clock_timestamp() - statement_timestamp()) * 1000)::float8 as server_ms${ahead === '' ? '' : ', ahead.*'}
from lockkeeper_compared as c ${ahead}`;
}

/** The same numbers of a range, without moving a pass: they come as texts. */
export function countQuery(
  comparison: Comparison,
  claim: Pick<ParityClaim, 'fence' | 'stepId'>,
  range: KeyRange,
): string {
  const rows = walkPredicate(comparison.walk, comparison.alias, range);
  const from = values(comparison, source(comparison), rows);
  return `/* ${tagOf(claim)} */ select c.compared::text as compared, c.different::text as different,
  c.expected::text as expected, c.actual::text as actual
from (${counts(comparison, from, 'null::text')}) as c`;
}

function counts(comparison: Comparison, from: string, through: string): string {
  const { parity, types } = comparison;
  const differs = mismatch(parity, (pair, side) => `"${side}${pair}"`, types);
  return `select count(*) as compared, ${through} as through,
    count(*) filter (where (${differs})) as different,
    coalesce(sum(${digest(comparison, 'e')}), 0) as expected,
    coalesce(sum(${digest(comparison, 'a')}), 0) as actual
  from (${from}\noffset 0) as pairs`;
}

interface StatementParts {
  readonly from: string;
  /** Over `c`, what was compared. */
  readonly position: string;
  /** The last key that was compared, an aggregate over `pairs`; null where it is known. */
  readonly through: string;
  readonly ahead: string;
}

function partsOf(comparison: Comparison, move: ParityMove): StatementParts {
  const { walk, alias } = comparison;
  if (move.kind === 'range') {
    const { range, next, lookAhead } = move;
    return {
      from: values(comparison, source(comparison), rangePredicate(walk.key, alias, range)),
      position: `${quoteLiteral(writePosition(next))}::jsonb`,
      through: 'null::text',
      ahead:
        lookAhead === undefined
          ? ''
          : `left join lateral (\n  ${boundaryQuery(walk, lookAhead)}\n) as ahead on true`,
    };
  }
  const { after, goal, rows } = move;
  const [key = ''] = columnReferences(walk.key, alias);
  const range = rangePredicate(walk.key, alias, { after, through: goal, stride: undefined });
  const walked = `(select * from ${source(comparison)} where ${range}
    order by ${key} limit ${rows}) as ${quoteIdentifier(alias)}`;
  return {
    from: values(comparison, walked, 'true', `, ${key} as lockkeeper_key`),
    position: `case when c.through is null or c.through = ${quoteLiteral(goal[0] ?? '')}
      then '{"kind":"end"}'::jsonb
      else jsonb_build_object('kind', 'between', 'after', jsonb_build_array(c.through)) end`,
    through: 'max(lockkeeper_key)::text',
    ahead: '',
  };
}

/** The keys of rows that differ, as JSON texts; column `key`. */
export function mismatchesQuery(comparison: Comparison, range: KeyRange, limit: number): string {
  const { walk, alias, parity, types } = comparison;
  const key = keyTexts(walk.key, alias).join(', ');
  return `select jsonb_build_array(${key})::text as key from ${source(comparison)}
    where ${rangePredicate(walk.key, alias, range)}${restriction(parity)}
      and (${mismatch(parity, sqlOf(parity, types), types)})${outOfQuarantine(comparison)}
    order by ${columnReferences(walk.key, alias).join(', ')} limit ${limit}`;
}

/**
 * A condition on the walked table: its row is one of the first that differ. Where no other table is
 * needed it is asked again of the row as it is when its lock is there, so that what somebody put
 * right meanwhile is left alone.
 */
export function mismatchCondition(comparison: Comparison, range: KeyRange, limit: number): string {
  const { walk, alias, parity, types } = comparison;
  const keys = columnReferences(walk.key, alias).join(', ');
  const differs = `(${mismatch(parity, sqlOf(parity, types), types)})`;
  const within = rangePredicate(walk.key, alias, range);
  const still = parity.join === undefined ? `${restriction(parity)} and ${differs}` : '';
  return `(${keys}) in (select ${keys} from ${source(comparison)}
    where ${within}${restriction(parity)} and ${differs}${outOfQuarantine(comparison)}
    order by ${keys} limit ${limit}) and ${within}${still}`;
}

/** Which pass it is, unless somebody has moved or fenced it. */
export function claimed({ fence, stepId, pass, revision }: ParityClaim): string {
  const executionId = quoteLiteral(fence.executionId);
  return `p.execution_id = ${executionId} and p.step_id = ${quoteLiteral(stepId)}
    and p.pass = ${quoteLiteral(pass)} and p.revision = ${revision}
    and exists (select from lockkeeper.fence as f
                where f.execution_id = ${executionId} and f.token = ${fence.token})`;
}

type SideName = 'e' | 'a' | 'f' | 'b';
/** The SQL of one side of a pair: expected and actual, then those of its alternative. */
type SideSql = (pair: number, side: SideName) => string;

function mismatch(parity: Parity, sql: SideSql, types: ColumnTypes): string {
  return parity.pairs
    .map(({ sides, or }, index) => {
      const first = differs(sql(index, 'e'), sql(index, 'a'), sides, types);
      if (or === undefined) return first;
      return `(${first} and ${differs(sql(index, 'f'), sql(index, 'b'), or, types)})`;
    })
    .join(' or ');
}

/** Types without `=`, or with one that calls different values equal, are compared byte by byte. */
function differs(left: string, right: string, { column }: ParitySides, types: ColumnTypes): string {
  const type = column === undefined ? undefined : types.get(column);
  return type === undefined || type.comparable
    ? `${left} is distinct from ${right}`
    : `row(${left})::record *<> row(${right})::record`;
}

function sqlOf({ pairs }: Parity, types: ColumnTypes): SideSql {
  return (index, side) => {
    const pair = pairs[index];
    const sides = side === 'e' || side === 'a' ? pair?.sides : pair?.or;
    if (sides === undefined) return 'null';
    if (side === 'a' || side === 'b') return `(${sides.actual}\n)`;
    const type = sides.column === undefined ? undefined : types.get(sides.column);
    return type === undefined ? `(${sides.expected}\n)` : `(${sides.expected}\n)::${type.name}`;
  };
}

function values(comparison: Comparison, from: string, within: string, more = ''): string {
  const { parity, types } = comparison;
  const sql = sqlOf(parity, types);
  const sides = (or: unknown): readonly SideName[] =>
    or === undefined ? ['e', 'a'] : ['e', 'a', 'f', 'b'];
  const columns = parity.pairs.flatMap(({ or }, index) =>
    sides(or).map((side) => `${sql(index, side)} as "${side}${index}"`),
  );
  return `select ${columns.join(', ')}${more} from ${from}
    where ${within}${restriction(parity)}${outOfQuarantine(comparison)}`;
}

/**
 * The hash of one side of a row: each value is hashed with the hash of those before it as its seed.
 * A pair that allows two answers, or whose type is not known, counts as what it is unless it
 * differs, so that its two digests are equal exactly if none does.
 */
function digest({ parity, types }: Comparison, side: 'e' | 'a'): string {
  return parity.pairs.reduce((seed, { sides, or }, index) => {
    const type = sides.column === undefined ? undefined : types.get(sides.column);
    const value = `"${side}${index}"`;
    if (or === undefined && type?.comparable === true) {
      return type.hash === undefined
        ? `hash_record_extended(row(${value}), ${seed})`
        : `coalesce(${type.hash}(${value}, ${seed}), ${index + 1})`;
    }
    const hash = (text: string) =>
      `coalesce(hashtextextended(${text}::text, ${seed}), ${index + 1})`;
    if (side === 'a') return hash(value);
    const first = differs(`"e${index}"`, `"a${index}"`, sides, types);
    const second =
      or === undefined ? '' : ` and ${differs(`"f${index}"`, `"b${index}"`, or, types)}`;
    return hash(`(case when ${first}${second} then ${value} else "a${index}" end)`);
  }, '0');
}

function source({ walk, alias, parity }: Comparison): string {
  return `${quoteQualified(walk.table)} as ${quoteIdentifier(alias)} ${parity.join ?? ''}\n`;
}

function restriction({ where }: Parity): string {
  return where === undefined ? '' : ` and (${where}\n)`;
}

function outOfQuarantine({ quarantineOf, walk, alias }: Comparison): string {
  if (quarantineOf === undefined) return '';
  const { executionId, stepId } = quarantineOf;
  const key = `jsonb_build_array(${keyTexts(walk.rowKey ?? walk.key, alias).join(', ')})`;
  return ` and not exists (select from lockkeeper.quarantine as q
      where q.execution_id = ${quoteLiteral(executionId)} and q.step_id = ${quoteLiteral(stepId)} and q.key = ${key})`;
}
