import type { Fingerprint } from '../../core/ids.ts';
import type { Session } from '../../ports/database.ts';
import { PICTURE_HASH, PICTURE_LINES } from '../fingerprint.ts';

/**
 * Keeps the schema as it is now, line by line, and forgets what was expected before. Hash and lines
 * come from one statement, so they cannot differ. Belongs in the transaction of what expects it.
 */
export async function recordPicture(tx: Session): Promise<Fingerprint> {
  const [row] = await tx.query(
    `with picture as materialized (${PICTURE_LINES}),
     hashed as materialized (select ${PICTURE_HASH} as hash from picture),
     kept as (
       insert into lockkeeper.pictures (fingerprint, kind, name, definition)
       select hash, kind, name, definition from picture, hashed
       where not exists (select from lockkeeper.pictures where fingerprint = hash)
     )
     select hash from hashed`,
  );
  const fingerprint = row?.['hash'] as Fingerprint;
  await tx.execute('delete from lockkeeper.pictures where fingerprint <> :fingerprint', {
    fingerprint,
  });
  return fingerprint;
}

/** How an object differs from the kept picture. */
export interface SchemaDifference {
  /** `added`: nobody expects it. `missing`: it is gone. `changed`: it is defined differently. */
  readonly difference: 'added' | 'missing' | 'changed';
  /** Such as `column`, `constraint`, `function`. */
  readonly kind: string;
  /** With its schema, such as `public.invoices.total`. */
  readonly name: string;
  /** Undefined where nothing is expected. */
  readonly expected: string | undefined;
  /** Undefined where nothing is found. */
  readonly found: string | undefined;
}

export interface PictureComparison {
  /** False: the ledger knows only the fingerprint of what it expects. */
  readonly kept: boolean;
  /** The first of them, by kind and name. */
  readonly differences: readonly SchemaDifference[];
  readonly total: number;
}

/** 100 rows of two definitions of at most 4,000 characters stay below the Data API's 1 MiB. */
const MOST_DIFFERENCES = 100;
const LONGEST_DEFINITION = 4_000;

/** Compares the schema as it is now with a picture, inside the database. */
export async function compareWithPicture(
  session: Session,
  fingerprint: Fingerprint,
): Promise<PictureComparison> {
  const [kept] = await session.query(
    'select exists (select from lockkeeper.pictures where fingerprint = :fingerprint) as kept',
    { fingerprint },
  );
  if (kept?.['kept'] !== true) return { kept: false, differences: [], total: 0 };
  const rows = await session.query(
    `with found as materialized (${PICTURE_LINES}),
     expected as (
       select kind, name, definition from lockkeeper.pictures where fingerprint = :fingerprint
     )
     select coalesce(e.kind, f.kind) as kind, coalesce(e.name, f.name) as name,
            left(e.definition, ${LONGEST_DEFINITION}) as expected,
            left(f.definition, ${LONGEST_DEFINITION}) as found,
            count(*) over () as total
     from expected e full join found f on f.kind = e.kind and f.name = e.name
     where e.definition is distinct from f.definition
     order by 1, 2 limit ${MOST_DIFFERENCES}`,
    { fingerprint },
  );
  return {
    kept: true,
    total: Number(rows[0]?.['total'] ?? 0),
    differences: rows.map((row) => {
      const { expected, found } = row;
      return {
        difference: expected === null ? 'added' : found === null ? 'missing' : 'changed',
        kind: String(row['kind']),
        name: String(row['name']),
        expected: (expected ?? undefined) as string | undefined,
        found: (found ?? undefined) as string | undefined,
      };
    }),
  };
}
