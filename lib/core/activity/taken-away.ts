import type { Node } from 'libpg-query';
import type { Phase, Plan } from '../plan/plan.ts';
import type { SqlParser } from '../sql/parser.ts';
import { nameOfParts, nameOfRange, type SqlName, stringsOf } from '../sql/sql-name.ts';

/** Something that code can use today and not after a statement: renamed away or dropped. */
export type TakenAway =
  | { readonly kind: 'column'; readonly table: SqlName; readonly column: string }
  | { readonly kind: 'table'; readonly table: SqlName }
  | { readonly kind: 'index'; readonly index: SqlName };

/** What one statement takes away. */
export function takenAwayBy(node: Node): readonly TakenAway[] {
  if ('RenameStmt' in node) {
    const { renameType, relationType, relation, subname = '' } = node.RenameStmt;
    const table = nameOfRange(relation);
    if (renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE') {
      return [{ kind: 'column', table, column: subname }];
    }
    return renameType === 'OBJECT_TABLE' ? [{ kind: 'table', table }] : [];
  }
  if ('DropStmt' in node) {
    const { removeType, objects = [] } = node.DropStmt;
    const names = objects.flatMap((each) =>
      'List' in each ? [nameOfParts(stringsOf(each.List.items))] : [],
    );
    if (removeType === 'OBJECT_TABLE') return names.map((table) => ({ kind: 'table', table }));
    return removeType === 'OBJECT_INDEX' ? names.map((index) => ({ kind: 'index', index })) : [];
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = nameOfRange(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((command): readonly TakenAway[] =>
    'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_DropColumn'
      ? [{ kind: 'column', table, column: command.AlterTableCmd.name ?? '' }]
      : [],
  );
}

/** What the statements of some phases of a plan take away; also names that exist only by then. */
export function takenAway(
  plan: Plan,
  phases: readonly Phase[],
  parser: SqlParser,
): readonly TakenAway[] {
  return plan.steps.flatMap((step) => {
    if (step.kind !== 'statement' || !phases.includes(step.phase)) return [];
    return [step.action.sql, ...(step.action.together ?? [])].flatMap((sql) => {
      const parsed = parser.parse(sql);
      return parsed.kind === 'parsed'
        ? parsed.statements.flatMap(({ node }) => takenAwayBy(node))
        : [];
    });
  });
}
