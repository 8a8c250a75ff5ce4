import type { Node } from 'libpg-query';
import { takenAwayBy } from '../../core/activity/taken-away.ts';
import type { StepId } from '../../core/ids.ts';
import type { DeclaredBackfill, Migration } from '../../core/migration/migration.ts';
import { marksRows } from '../../core/operations/sync/marks-rows.ts';
import type { BackfillTable, TargetFacts } from '../../core/plan/compile.ts';
import { namedObjects } from '../../core/sql/named-objects.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import type { Session } from '../../ports/database.ts';
import { describeBackfillTable } from '../../postgres/backfill/describe-table.ts';
import { readCatalogView } from '../../postgres/catalog-view.ts';
import { fingerprint } from '../../postgres/fingerprint.ts';
import { resolveTable } from '../../postgres/resolve-table.ts';
import { serverFacts } from '../../postgres/server-facts.ts';
import { readActivity } from '../activity/read-activity.ts';

/** Asks the live target what a plan must know of it. Reads only. */
export async function readTargetFacts(
  session: Session,
  migration: Migration,
  parser: SqlParser,
): Promise<TargetFacts> {
  const server = await serverFacts(session);
  const backfills = new Map<StepId, BackfillTable>();
  for (const backfill of migration.backfill) {
    backfills.set(backfill.stepId, await walkable(session, backfill));
  }
  const nodes = nodesOf(migration, parser);
  return {
    serverVersion: server.majorVersion,
    timeZoneUtc: server.timeZoneUtc,
    fingerprint: await fingerprint(session),
    catalog: await readCatalogView(session, namedObjects(nodes)),
    backfills,
    activity: await readActivity(session, nodes.flatMap(takenAwayBy), parser),
  };
}

/** Every statement of the migration, and its undo. */
function nodesOf(migration: Migration, parser: SqlParser): readonly Node[] {
  const { expand, validate, contract, finalize } = migration;
  const texts = [...expand, ...validate, ...contract, ...finalize].flatMap((step) => {
    if (step.kind === 'check') return [];
    const groups = step.undo.kind === 'statement' ? [step, step.undo] : [step];
    return groups.flatMap(({ sql, together = [] }) => [sql, ...together]);
  });
  return texts.flatMap((text) => {
    const parsed = parser.parse(text);
    return parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
  });
}

async function walkable(
  session: Session,
  { table: written, work }: DeclaredBackfill,
): Promise<BackfillTable> {
  const table = await resolveTable(session, written);
  if (table === undefined) return { kind: 'refused', why: 'there is no such table' };
  const described = await describeBackfillTable(session, table, { byPage: marksRows(work) });
  switch (described.kind) {
    case 'table':
      return {
        kind: 'walkable',
        table,
        key: described.table.key,
        estimatedRows: described.table.estimatedRows,
      };
    case 'missing':
      return { kind: 'refused', why: 'there is no such table' };
    case 'not-a-table':
      return { kind: 'refused', why: 'it is not a table' };
    case 'no-usable-key':
      return {
        kind: 'refused',
        why: 'it has neither a primary key nor a unique index over NOT NULL columns to walk by',
      };
  }
}
