import type { Plan } from '../core/plan/plan.ts';
import { type Rehearsal, type RollbackTable, rollbackTable } from '../core/plan/rollback-table.ts';
import { undoStatements } from '../core/plan/undo-statements.ts';
import { namedObjects } from '../core/sql/named-objects.ts';
import { loadParser } from '../core/sql/parser.ts';
import type { Session } from '../ports/database.ts';
import { readCatalogView } from '../postgres/catalog-view.ts';

/** The rollback table of a plan at the sizes that its target has now. Reads only. */
export async function rollbackOf(
  session: Session,
  plan: Plan,
  rehearsals: readonly Rehearsal[],
): Promise<RollbackTable> {
  const parser = await loadParser();
  const named = namedObjects(
    undosOf(plan).flatMap((sql) => {
      const parsed = parser.parse(sql);
      return parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
    }),
  );
  const catalog = await readCatalogView(session, named);
  return rollbackTable(plan, { parser, catalog, rehearsals });
}

function undosOf({ steps }: Plan): readonly string[] {
  return steps.flatMap((step) =>
    step.kind === 'check' || step.undo.kind !== 'statement' ? [] : undoStatements(step.undo.action),
  );
}
