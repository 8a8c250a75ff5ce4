import type { IndexStmt, Node } from 'libpg-query';
import type { Plan, TableName } from '../plan/plan.ts';
import type { SqlParser } from '../sql/parser.ts';
import { nameOfParts, nameOfRange, type SqlName, sameName, stringsOf } from '../sql/sql-name.ts';
import { columnOf, nodesNamed } from '../sql/walk.ts';
import type { NewIndex } from './backfill-advice.ts';

/** What a plan does to indexes before its backfills begin. */
export interface PlannedIndexes {
  /** Those of the table that keep updates of their columns from being HOT. */
  readonly made: readonly NewIndex[];
  /** Of any table. */
  readonly dropped: readonly SqlName[];
}

export function plannedIndexes(plan: Plan, table: TableName, parser: SqlParser): PlannedIndexes {
  const steps = plan.steps.flatMap((step) => {
    if (step.kind !== 'statement' || step.phase !== 'expand') return [];
    const nodes = [step.action.sql, ...(step.action.together ?? [])].flatMap((sql) => {
      const parsed = parser.parse(sql);
      return parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
    });
    return nodes.map((node) => ({ stepId: step.stepId, node }));
  });
  return {
    made: steps.flatMap(({ stepId, node }) => {
      if (!('IndexStmt' in node) || node.IndexStmt.accessMethod === 'brin') return [];
      if (!sameName(nameOfRange(node.IndexStmt.relation), table)) return [];
      return [{ stepId, name: node.IndexStmt.idxname, columns: columnsOf(node.IndexStmt) }];
    }),
    dropped: steps.flatMap(({ node }) => droppedBy(node)),
  };
}

/** Keys, included columns, and those of expressions and of the predicate. */
function columnsOf(index: IndexStmt): readonly string[] {
  const named = nodesNamed(index, 'IndexElem').flatMap(({ name }) => name ?? []);
  const used = nodesNamed(index, 'ColumnRef').flatMap(
    (reference) => columnOf({ ColumnRef: reference }) ?? [],
  );
  return [...named, ...used];
}

function droppedBy(node: Node): readonly SqlName[] {
  if (!('DropStmt' in node) || node.DropStmt.removeType !== 'OBJECT_INDEX') return [];
  return (node.DropStmt.objects ?? []).flatMap((object) =>
    'List' in object ? [nameOfParts(stringsOf(object.List.items))] : [],
  );
}
