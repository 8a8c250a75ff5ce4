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
import type { SqlText } from './sql-text.ts';

const NULLS: Readonly<Record<string, string>> = {
  SORTBY_NULLS_FIRST: 'FIRST',
  SORTBY_NULLS_LAST: 'LAST',
};

/** CREATE INDEX, which is built concurrently whether that was written or not. */
export function convertIndex(node: IndexStmt, { sql }: ConvertContext): Conversion {
  if (node.if_not_exists === true) {
    return noOperation('with IF NOT EXISTS it depends on the target whether an index is made');
  }
  if (node.tableSpace !== undefined || node.relation?.inh !== true) {
    return noOperation('create_index knows no TABLESPACE and no ONLY');
  }
  const elements = (node.indexParams ?? []).flatMap((each) =>
    'IndexElem' in each ? [each.IndexElem] : [],
  );
  const texts = sql.inside('on')?.parts() ?? [];
  const columns = elements.map((element, index) => elementOf(element, texts[index]));
  const include = (node.indexIncludingParams ?? []).flatMap((each) =>
    'IndexElem' in each && each.IndexElem.name !== undefined ? [each.IndexElem.name] : [],
  );
  const table = nameOfRange(node.relation);
  const names = elements.map(({ name = 'expr' }) => name);
  return converted(
    'create_index',
    {
      name: node.idxname ?? [table.name, ...names, 'idx'].join('_'),
      table: relationText(table),
      columns,
      unique: node.unique === true ? true : undefined,
      nulls_not_distinct: node.nulls_not_distinct === true ? true : undefined,
      include: include.length > 0 ? include : undefined,
      method: node.accessMethod === 'btree' ? undefined : node.accessMethod,
      predicate: sql.after(['where'])?.text,
      storage_parameters: sql.inside('with') && node.options ? sql.inside('with')?.text : undefined,
    },
    node.concurrent === true ? 'built concurrently, as it was' : 'built concurrently: writes go on',
  );
}

/** What ends an expression that stands without parentheses: a function call. */
const AFTER_EXPRESSION = ['collate', 'asc', 'desc', 'nulls'];

function elementOf(element: IndexElem, text: SqlText | undefined) {
  const { name, ordering, nulls_ordering: nulls = '' } = element;
  const expression = name === undefined ? text?.skip(0, AFTER_EXPRESSION).text : undefined;
  return withoutNothing({
    column: name,
    expression,
    collate: stringsOf(element.collation).at(-1),
    sort: ordering === 'SORTBY_DESC' ? 'DESC' : ordering === 'SORTBY_ASC' ? 'ASC' : undefined,
    nulls: NULLS[nulls],
    opclass:
      element.opclass === undefined ? undefined : { name: stringsOf(element.opclass).at(-1) },
  });
}
