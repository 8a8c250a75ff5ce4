import { byteOffsets } from '../sql/offsets.ts';
import type { SqlParser } from '../sql/parser.ts';
import { quoteName, writeName } from '../sql/sql-name.ts';
import { nodesNamed } from '../sql/walk.ts';
import { findTable, type SchemaModel } from './schema-model.ts';

const HEAD = 'select (\n';

/** The schema as the author of an expression sees it. */
export interface SeenSchema {
  readonly model: SchemaModel;
  /** The views that show it so. @default - the tables themselves */
  readonly views?: string | undefined;
}

/**
 * The expression with the tables of its subqueries under their full names. Sync triggers run with the
 * search path of whoever writes: `up` is about the tables as they are, where the new application's
 * names mean views of its version, and `down` about those views, whoever writes.
 */
export function withQualifiedTables(
  parser: SqlParser,
  text: string,
  { model, views }: SeenSchema,
): string {
  const outcome = parser.parse(`${HEAD}${text}\n)`);
  if (outcome.kind === 'syntax-error') return text;
  const tree = outcome.statements.map(({ node }) => node);
  const ownNames = new Set(nodesNamed(tree, 'CommonTableExpr').map(({ ctename }) => ctename));
  const toUtf16 = byteOffsets(`${HEAD}${text}\n)`);
  const tokens = parser.tokens(text);
  const found = nodesNamed(tree, 'RangeVar').flatMap(({ relname, schemaname, alias, location }) => {
    if (relname === undefined || schemaname !== undefined || ownNames.has(relname)) return [];
    const table = findTable(model, { schema: undefined, name: relname });
    const start = toUtf16(location ?? 0) - HEAD.length;
    const end = tokens.find((token) => token.start === start)?.end;
    if (table === undefined || end === undefined) return [];
    const isShown = views !== undefined && table.partitionOf === undefined;
    if (isShown) return [{ start, end, sql: writeName({ schema: views, name: relname }) }];
    const { schema, physicalName: name } = table;
    const known = alias !== undefined || name === relname ? '' : ` as ${quoteName(relname)}`;
    return [{ start, end, sql: `${writeName({ schema, name })}${known}` }];
  });
  return found
    .toSorted((a, b) => b.start - a.start)
    .reduce(
      (sql, { start, end, sql: name }) => `${sql.slice(0, start)}${name}${sql.slice(end)}`,
      text,
    );
}
