import type { SqlParser } from '../../sql/parser.ts';
import type { SyncRule } from '../lowered.ts';
import { readExpression } from '../row-expression.ts';
import {
  finalTable,
  findTable,
  physicalTable,
  type SchemaModel,
  type TableModel,
} from '../schema-model.ts';
import type { ReadRule, TableSync } from './table-sync.ts';

export interface GatherContext {
  readonly parser: SqlParser;
  readonly before: SchemaModel;
  readonly after: SchemaModel;
  readonly versionSchema: string | undefined;
}

/** The rules of all operations, table by table. */
export function gatherSync(
  rules: readonly SyncRule[],
  context: GatherContext,
): readonly TableSync[] {
  const keys = [...new Set(rules.map(({ table }) => keyOf(table)))];
  return keys.flatMap((key) => {
    const own = rules.filter(({ table }) => keyOf(table) === key);
    const [first] = own;
    if (first === undefined) return [];
    const { table } = first;
    const before =
      findTable(context.before, { schema: table.schema, name: table.physicalName }) ?? table;
    const after = context.after.tables.find((each) => keyOf(each) === key) ?? table;
    return [
      {
        tableSql: physicalTable(context.before, before),
        finalSql: finalTable(context.after, after),
        before,
        after,
        rules: own.map((rule) => read(rule, context.parser)),
        writers: {
          newVersion: context.versionSchema,
          oldVersions: context.before.versions
            .filter(({ of }) => of === table.schema)
            .map(({ schema }) => schema),
        },
      },
    ];
  });
}

const keyOf = ({ schema, physicalName }: TableModel) => JSON.stringify([schema, physicalName]);

/** The operation read its expressions before: what is no expression here was none of its. */
function read(rule: SyncRule, parser: SqlParser): ReadRule {
  const expression = (text: string | undefined) => {
    const outcome = text === undefined ? undefined : readExpression(parser, text);
    return outcome?.kind === 'expression' ? outcome.expression : undefined;
  };
  return { rule, up: expression(rule.up), down: expression(rule.down) };
}
