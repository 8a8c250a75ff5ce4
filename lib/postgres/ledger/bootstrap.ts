import { type Database, DatabaseError } from '../../ports/database.ts';
import { BACKFILL_STATEMENTS } from '../backfill/schema.ts';
import { LEDGER_STATEMENTS } from './schema.ts';

/**
 * Makes the ledger where it is missing. `if not exists` can still collide when two runners make
 * the same object at once (PostgreSQL then reports a duplicate key in its catalog or "tuple
 * concurrently updated"), so each statement gets a second chance.
 */
export async function bootstrapLedger(database: Database): Promise<void> {
  for (const statement of [...LEDGER_STATEMENTS, ...BACKFILL_STATEMENTS]) {
    try {
      await database.execute(statement);
    } catch (error) {
      if (!(error instanceof DatabaseError) || !collided(error)) throw error;
      await database.execute(statement);
    }
  }
}

function collided(error: DatabaseError): boolean {
  return (
    error.kind === 'constraint' ||
    error.kind === 'already-exists' ||
    error.kind === 'serialization' ||
    error.sqlstate === 'XX000'
  );
}

/** Whether this database has a ledger at all. */
export async function hasLedger(database: Database): Promise<boolean> {
  const [row] = await database.query(
    `select to_regclass('lockkeeper.migrations') is not null as present`,
  );
  return row?.['present'] === true;
}
