import type { BoundarySearch } from '../../core/backfill/batch.ts';
import type { KeyValue } from '../../core/backfill/key.ts';
import { stridePredicate } from '../../core/backfill/range.ts';
import { quoteLiteral, quoteQualified } from '../../core/backfill/sql-text.ts';
import type { BackfillStep, KeyColumn } from '../../core/plan/plan.ts';

/**
 * The walk of a table that has no key: in the order of its pages (PostgreSQL 14 reads a range of
 * them directly).
 *
 * A row's place changes when somebody updates it, so a walk in this order may miss a row that moved
 * behind it. It is therefore used only for work that (1) marks each row it has done, and (2) has a
 * trigger that does the same work in every update of a row that is not marked yet. Then a row that
 * moved is a row that was done: whoever moved it did the work on the way. Rows inserted meanwhile
 * are born marked. So one pass over the pages that existed at the start meets every row that is
 * left, and the mark keeps it from doing one twice.
 */
export const PAGE_KEY: readonly KeyColumn[] = [{ name: 'ctid', type: 'tid' }];

/** From this version on a condition on ctid reads only the pages in question (TID range scan). */
export const PAGE_WALK_FROM = 14;

type Walk = Pick<BackfillStep, 'table' | 'key'> & {
  readonly rowKey?: readonly KeyColumn[] | undefined;
};

export function walksPages({ key }: Walk): boolean {
  const [only] = key;
  return only?.name === 'ctid' && only.type === 'tid';
}

/** The first place behind the table; no row when it is empty. Column k0. */
export function pageGoalQuery({ table }: Walk): string {
  const relation = quoteLiteral(quoteQualified(table));
  return `select '(' || pages || ',0)' as k0
    from (select pg_relation_size(${relation}::regclass)
                 / current_setting('block_size')::int8 as pages) as size where pages > 0`;
}

/**
 * About as many rows (of the stride, where it is one) further on as wished: whole pages, counted by
 * how many rows a page has; or, where single rows are looked for, the place of one in this page and
 * the next. Column k0; no row when that is behind the goal.
 */
export function pageBoundaryQuery({ table, key, rowKey }: Walk, search: BoundarySearch): string {
  const name = quoteQualified(table);
  const rows = search.keys * (search.stride?.modulus ?? 1);
  // A row that fails has to be alone in its range, however few of its stride a page has.
  const alone = search.keys === 1;
  const dealt =
    search.stride === undefined ? '' : ` and ${stridePredicate(rowKey ?? key, 'w', search.stride)}`;
  const after = placeOf(search.after);
  const next = `'(${pageOf(search.after) + 2},0)'`;
  return `select place as k0
    from (select greatest(1, c.reltuples / greatest(1, c.relpages)) as rows from pg_class as c
          where c.oid = ${quoteLiteral(name)}::regclass) as page,
    lateral (select case when ${alone ? 'true' : `${rows} < page.rows`}
      then coalesce((select w.ctid::text from ${name} as w
                     where w.ctid > ${after} and w.ctid <= ${next}::tid${dealt}
                     order by w.ctid offset ${search.keys - 1} limit 1), ${next})
      else '(' || (${pageOf(search.after)} + ceil(${rows} / page.rows))::int8 || ',0)' end as place) as boundary
    where place::tid < ${placeOf(search.through)}`;
}

function placeOf(key: KeyValue | undefined): string {
  return `${quoteLiteral(key?.[0] ?? '(0,0)')}::tid`;
}

function pageOf(key: KeyValue | undefined): number {
  return Number(/^\((\d+),/.exec(key?.[0] ?? '')?.[1] ?? 0);
}
