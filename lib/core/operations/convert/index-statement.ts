import type { IndexElem, IndexStmt } from 'libpg-query';
import { nameOfRange, stringsOf } from '../../sql/sql-name.ts';
import {
  type Conversion,
  type ConvertContext,
  converted,
  noOperation,
  relationText,
  withoutNothing,
} from './conversion.ts';

const NULLS: Readonly<Record<string, string>> = {
  SORTBY_NULLS_FIRST: 'FIRST',
  SORTBY_NULLS_LAST: 'LAST',
};

/** CREATE INDEX, which is built concurrently whether that was written or not. */
export function convertIndex(node: IndexStmt, { sql }: ConvertContext): Conversion {
  if (node.if_not_exists === true) {
    return noOperation('with IF NOT EXISTS it depends on the target whether an index is made');
  }
  const options =
    node.indexIncludingParams !== undefined ||
    node.tableSpace !== undefined ||
    node.nulls_not_distinct === true ||
    node.relation?.inh === false;
  if (options)
    return noOperation('create_index knows no INCLUDE, TABLESPACE, NULLS NOT DISTINCT or ONLY');
  const elements = (node.indexParams ?? []).flatMap((each) =>
    'IndexElem' in each ? [each.IndexElem] : [],
  );
  const columns = elements.map(columnOf);
  const [missing] = columns.filter(({ kind }) => kind === 'none');
  if (missing !== undefined) return noOperation('create_index knows columns, not expressions');
  const table = nameOfRange(node.relation);
  const names = elements.map(({ name = '' }) => name);
  return converted(
    'create_index',
    {
      name: node.idxname ?? [table.name, ...names, 'idx'].join('_'),
      table: relationText(table),
      columns: columns.flatMap((each) => (each.kind === 'column' ? [each.value] : [])),
      unique: node.unique === true ? true : undefined,
      method: node.accessMethod === 'btree' ? undefined : node.accessMethod,
      predicate: sql.after(['where'])?.text,
      storage_parameters: sql.inside('with') && node.options ? sql.inside('with')?.text : undefined,
    },
    node.concurrent === true ? 'built concurrently, as it was' : 'built concurrently: writes go on',
  );
}

function columnOf(element: IndexElem) {
  const { name, ordering, nulls_ordering: nulls = '' } = element;
  if (name === undefined || element.expr !== undefined) return { kind: 'none' } as const;
  const collate = stringsOf(element.collation).at(-1);
  return {
    kind: 'column',
    value: withoutNothing({
      column: name,
      collate,
      sort: ordering === 'SORTBY_DESC' ? 'DESC' : ordering === 'SORTBY_ASC' ? 'ASC' : undefined,
      nulls: NULLS[nulls],
      opclass:
        element.opclass === undefined ? undefined : { name: stringsOf(element.opclass).at(-1) },
    }),
  } as const;
}
