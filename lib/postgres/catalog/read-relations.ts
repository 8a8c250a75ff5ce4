import type { RelationFacts, RelationKind } from '../../core/sql/catalog.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import type { Row, Session } from '../../ports/database.ts';
import { RELATION_FACTS, RELATIONS } from './relation-queries.ts';

/** A relation as the catalog stores it, whatever the search path. */
export interface StoredRelation {
  readonly schema: string;
  /** Whether its name without a schema means it. */
  readonly visible: boolean;
  readonly facts: RelationFacts;
}

/**
 * A table with 300 columns has about 30 KiB of facts, so that 20 of them stay well below the 1 MiB
 * that the Data API returns at once.
 */
const RELATIONS_A_QUERY = 20;

/** The named relations, the tables of named indexes, and what inherits from them. */
export async function readRelations(
  session: Session,
  names: readonly SqlName[],
): Promise<readonly StoredRelation[]> {
  if (names.length === 0) return [];
  const rows = await session.query(RELATIONS, { names: JSON.stringify(names) });
  const facts = await factsOf(
    session,
    rows.map((row) => String(row['oid'])),
  );
  return rows.map((row) => ({
    schema: String(row['schema']),
    visible: row['visible'] === true,
    facts: relationOf(row, facts.get(String(row['oid'])) ?? []),
  }));
}

interface Fact {
  readonly kind: string;
  readonly item: unknown;
}

async function factsOf(
  session: Session,
  oids: readonly string[],
): Promise<ReadonlyMap<string, readonly Fact[]>> {
  const facts = new Map<string, Fact[]>(oids.map((oid) => [oid, []]));
  for (let from = 0; from < oids.length; from += RELATIONS_A_QUERY) {
    const page = oids.slice(from, from + RELATIONS_A_QUERY);
    for (const row of await session.query(RELATION_FACTS, { oids: JSON.stringify(page) })) {
      const item: unknown = JSON.parse(String(row['item']));
      facts.get(String(row['oid']))?.push({ kind: String(row['fact']), item });
    }
  }
  return facts;
}

/** As PostgreSQL builds them in RELATION_FACTS; a missing name is null. */
type StoredName = { readonly schema: string | null; readonly name: string } | null;

function relationOf(row: Row, facts: readonly Fact[]): RelationFacts {
  // Sound: every item of a kind has the shape that RELATION_FACTS builds for it.
  const all = <T>(kind: string) =>
    facts.filter((fact) => fact.kind === kind).map(({ item }) => item as T);
  const names = (kind: string) => all<StoredName>(kind).flatMap((name) => nameOf(name) ?? []);
  const [partitioning] = all<{ key: readonly string[]; default: StoredName }>('partitioning');
  return {
    kind: row['kind'] as RelationKind,
    name: {
      schema: row['visible'] === true ? undefined : String(row['schema']),
      name: String(row['name']),
    },
    table: names('table')[0],
    columns: all<RelationFacts['columns'][number]>('column'),
    indexes: all<StoredIndex>('index').map((index) => ({
      ...index,
      name: nameOf(index.name) ?? { schema: undefined, name: '' },
    })),
    constraints: all<StoredConstraint>('constraint').map((constraint) => ({
      ...constraint,
      references: nameOf(constraint.references),
    })),
    referencedBy: names('referenced-by'),
    children: names('child'),
    reads: names('reads'),
    partitioning: partitioning && {
      key: partitioning.key,
      defaultPartition: nameOf(partitioning.default),
    },
    tablespace: String(row['tablespace']),
    estimatedRows: Number(row['rows']),
  };
}

type StoredIndex = Omit<RelationFacts['indexes'][number], 'name'> & { readonly name: StoredName };
type StoredConstraint = Omit<RelationFacts['constraints'][number], 'references'> & {
  readonly references: StoredName;
};

function nameOf(stored: StoredName): SqlName | undefined {
  return stored === null ? undefined : { schema: stored.schema ?? undefined, name: stored.name };
}
