import type { Node } from 'libpg-query';
import type { Plan, PlannedLock, StatementStep } from '../plan/plan.ts';
import { compareLockModes } from '../sql/lock-mode.ts';
import { namedObjects } from '../sql/named-objects.ts';
import type { SqlParser } from '../sql/parser.ts';
import { nameOfRange, writeName } from '../sql/sql-name.ts';
import { nodesNamed } from '../sql/walk.ts';

/** What our role must be allowed to do with a table; `own` includes every privilege. */
export type Need = 'own' | 'references' | 'trigger' | 'select' | 'update';

export interface TableNeed {
  /** As in SQL. */
  readonly table: string;
  readonly needs: readonly Need[];
}

/** Every table that a step locks or walks, each once, with what the steps together need there. */
export function tableNeeds(plan: Plan, parser: SqlParser): readonly TableNeed[] {
  const needs = new Map<string, Set<Need>>();
  const add = (table: string, more: readonly Need[]) => {
    needs.set(table, new Set([...(needs.get(table) ?? []), ...more]));
  };
  for (const step of plan.steps) {
    if (step.kind === 'backfill') {
      const { schema, name } = step.table;
      add(`"${schema}"."${name}"`, step.work.kind === 'update' ? ['select', 'update'] : ['select']);
    }
    if (step.kind !== 'statement') continue;
    const nodes = nodesOf(step, parser);
    for (const lock of step.action.locks) add(lock.relation, needOf(lock, nodes));
  }
  return [...needs].map(([table, set]) => ({ table, needs: [...set] }));
}

function nodesOf({ action }: StatementStep, parser: SqlParser): readonly Node[] {
  return [action.sql, ...(action.together ?? [])].flatMap((sql) => {
    const parsed = parser.parse(sql);
    return parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
  });
}

/**
 * A table is often locked without being changed: a foreign key locks what it points to, for which
 * REFERENCES is enough, and a row lock says nothing about who owns the table.
 */
function needOf({ relation, mode }: PlannedLock, nodes: readonly Node[]): readonly Need[] {
  if (compareLockModes(mode, 'RowExclusiveLock') <= 0) return [];
  const pointedTo = nodesNamed(nodes, 'Constraint').flatMap(({ pktable }) =>
    pktable === undefined ? [] : [writeName(nameOfRange(pktable))],
  );
  const altered = nodes.flatMap((node) =>
    'AlterTableStmt' in node ? [writeName(nameOfRange(node.AlterTableStmt.relation))] : [],
  );
  if (pointedTo.includes(relation) && !altered.includes(relation)) return ['references'];
  if (nodes.every((node) => 'CreateTrigStmt' in node)) return ['trigger'];
  const named = namedObjects(nodes).relations.map(writeName);
  // Dropping a table or a constraint also locks what its foreign keys pointed to.
  const byName = nodes.every(
    (node) =>
      'AlterTableStmt' in node ||
      ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE'),
  );
  return byName && !named.includes(relation) ? [] : ['own'];
}
