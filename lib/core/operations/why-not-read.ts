import type { SqlParser } from '../sql/parser.ts';
import { quoteName } from '../sql/sql-name.ts';
import { nodesNamed } from '../sql/walk.ts';
import type { SyncRule } from './lowered.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { readExpression } from './row-expression.ts';
import type { SchemaModel, TableModel } from './schema-model.ts';

interface Schemas {
  readonly parser: SqlParser;
  readonly before: SchemaModel;
  readonly after: SchemaModel;
  readonly versionSchema: string | undefined;
}

/**
 * Why the triggers could not run `up` or `down` from expand to finalize: a subquery reads a column
 * that the migration itself changes, and after contract that name means another column. Views of a
 * version keep their columns, so `down` may read those.
 */
export function whyNotRead({ up, down }: SyncRule, schemas: Schemas): Refusal | undefined {
  const { versionSchema } = schemas;
  return (
    whyNotReadBy('up', up, schemas) ??
    (versionSchema === undefined ? whyNotReadBy('down', down, schemas) : undefined)
  );
}

function whyNotReadBy(
  key: 'up' | 'down',
  text: string | undefined,
  { parser, before, after }: Schemas,
): Refusal | undefined {
  const read = text === undefined ? undefined : readExpression(parser, text);
  if (text === undefined || read?.kind !== 'expression' || !read.expression.needsScope) return;
  const outcome = parser.parse(`select (\n${text}\n)`);
  if (outcome.kind === 'syntax-error') return;
  for (const { relname, schemaname } of nodesNamed(outcome.statements, 'RangeVar')) {
    const physical = (model: SchemaModel) =>
      model.tables.find(
        (table) =>
          table.physicalName === relname && table.schema === (schemaname ?? model.defaultSchema),
      );
    const [was, is] = [physical(before), physical(after)];
    if (was === undefined || is === undefined) continue;
    const changed = key === 'up' ? changedNames(was, is) : movedNames(is);
    const column = changed.find((name) => read.expression.columns.includes(name));
    if (column === undefined) continue;
    return refuse(
      `${key} reads column ${quoteName(column)} of ${quoteName(is.name)}, which this migration changes as well: once it is changed, the name means another column`,
      { fix: 'change it in a migration of its own' },
    );
  }
  return undefined;
}

/** Columns of the table as it was that are not there under their names any more. */
function changedNames(was: TableModel, is: TableModel): readonly string[] {
  const kept = new Set(
    is.columns.flatMap(({ name, physicalName }) => (name === physicalName ? [name] : [])),
  );
  return was.columns.map(({ name }) => name).filter((name) => !kept.has(name));
}

/** Columns that get their names at contract. */
function movedNames({ columns }: TableModel): readonly string[] {
  return columns.flatMap(({ name, physicalName }) => (name === physicalName ? [] : [name]));
}
