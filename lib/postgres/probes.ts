import type { CatalogProbe } from '../core/sql/probe.ts';
import { writeName } from '../core/sql/sql-name.ts';
import type { Session } from '../ports/database.ts';

/**
 * What the catalog says about a statement that no transaction can hold.
 * `half-done`: PostgreSQL left something behind that must be removed before trying again.
 */
export type ProbeAnswer = 'done' | 'not-done' | 'half-done';

export async function probe(session: Session, question: CatalogProbe): Promise<ProbeAnswer> {
  switch (question.kind) {
    case 'index-valid': {
      const index = await findIndex(session, question);
      if (index === undefined) return 'not-done';
      return index.valid ? 'done' : 'half-done';
    }
    case 'index-absent': {
      const index = await findIndex(session, question);
      return index === undefined ? 'done' : 'not-done';
    }
    case 'constraint-validated': {
      const [row] = await session.query(
        `select k.convalidated as validated from pg_constraint k
         where k.conrelid = to_regclass(:relation) and k.conname = :constraint`,
        {
          relation: nameOf(question.schema, question.table),
          constraint: question.constraint,
        },
      );
      return row?.['validated'] === true ? 'done' : 'not-done';
    }
    case 'partition-detached': {
      const [row] = await session.query(
        `select inhdetachpending as pending from pg_inherits
         where inhrelid = to_regclass(:partition) and inhparent = to_regclass(:parent)`,
        {
          partition: nameOf(question.partitionSchema, question.partition),
          parent: nameOf(question.schema, question.table),
        },
      );
      if (row === undefined) return 'done';
      return row['pending'] === true ? 'half-done' : 'not-done';
    }
  }
}

/**
 * What removes (or completes) what a half-done statement left behind; runs outside a transaction.
 * An index that a failed CONCURRENTLY left INVALID is dropped: every write would go on maintaining
 * it and no query would use it. A pending detach is finalized: it cannot be taken back.
 */
export function clearUp(question: CatalogProbe): string {
  switch (question.kind) {
    case 'index-valid':
    case 'index-absent':
      return `drop index concurrently if exists ${nameOf(question.schema, question.index)}`;
    case 'partition-detached':
      return `alter table ${nameOf(question.schema, question.table)} detach partition ${nameOf(question.partitionSchema, question.partition)} finalize`;
    case 'constraint-validated':
      return `alter table ${nameOf(question.schema, question.table)} validate constraint ${nameOf(undefined, question.constraint)}`;
  }
}

async function findIndex(
  session: Session,
  named: { readonly schema?: string; readonly index: string },
): Promise<{ readonly valid: boolean } | undefined> {
  const [row] = await session.query(
    `select i.indisvalid and i.indisready as valid from pg_index i
     where i.indexrelid = to_regclass(:index)`,
    { index: nameOf(named.schema, named.index) },
  );
  return row === undefined ? undefined : { valid: row['valid'] === true };
}

function nameOf(schema: string | undefined, name: string): string {
  return writeName({ schema, name });
}
