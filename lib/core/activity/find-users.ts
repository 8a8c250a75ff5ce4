import { namedObjects } from '../sql/named-objects.ts';
import type { SqlParser } from '../sql/parser.ts';
import { type SqlName, writeName } from '../sql/sql-name.ts';
import { type KnownTable, type TableLookup, usesOf } from './column-uses.ts';
import type { TakenAway } from './taken-away.ts';

/** A statement that the server counted, with its constants taken out. */
export interface CountedStatement {
  /** The same for the same statement of the same role, as long as the server counts it. */
  readonly id: string;
  readonly query: string;
  /** How often it ran since the counters began. */
  readonly calls: number;
  readonly role: string;
}

/** A statement that uses something that is taken away. */
export interface StatementUser {
  readonly statement: CountedStatement;
  /** Such as `users.email`. */
  readonly uses: string;
  readonly taken: TakenAway;
}

/** The relations that these statements name, so that the catalog can be asked about them. */
export function namedIn(
  statements: readonly CountedStatement[],
  parser: SqlParser,
): readonly SqlName[] {
  return statements.flatMap(({ query }) => {
    const parsed = parser.parse(query);
    return parsed.kind === 'parsed'
      ? namedObjects(parsed.statements.map(({ node }) => node)).relations
      : [];
  });
}

/**
 * Which statements certainly use what is taken away.
 * @param tables every relation of the database that has one of the statements' names
 */
export function findUsers(
  statements: readonly CountedStatement[],
  taken: readonly TakenAway[],
  tables: readonly KnownTable[],
  parser: SqlParser,
): readonly StatementUser[] {
  const lookup = lookupIn(tables);
  return statements.flatMap((statement): readonly StatementUser[] => {
    const parsed = parser.parse(statement.query);
    // Cut off by track_activity_query_size, or in another version's grammar.
    if (parsed.kind !== 'parsed') return [];
    const uses = parsed.statements.flatMap(({ node }) => usesOf(node, lookup));
    return taken.flatMap((each): readonly StatementUser[] => {
      if (each.kind === 'index') return [];
      const table = lookup(each.table);
      const use = uses.find(({ schema, name }) => schema === table?.schema && name === table.name);
      if (use === undefined) return [];
      const name = writeName(each.table);
      if (each.kind === 'table') return [{ statement, uses: name, taken: each }];
      return use.columns.includes(each.column)
        ? [{ statement, uses: `${name}.${each.column}`, taken: each }]
        : [];
    });
  });
}

/** The search path of whoever sent a statement is not known, so a name counts only if it is the only one. */
function lookupIn(tables: readonly KnownTable[]): TableLookup {
  return ({ schema, name }) => {
    const found = tables.filter(
      (each) => each.name === name && (schema === undefined || each.schema === schema),
    );
    return found.length === 1 ? found[0] : undefined;
  };
}
