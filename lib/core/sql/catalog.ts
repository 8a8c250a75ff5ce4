import type { SqlParser } from './parser.ts';
import type { SqlName } from './sql-name.ts';

/**
 * What classification asks the live catalog. Names without a schema are looked up along the search
 * path. Every answer `undefined` means: does not exist.
 */
export interface CatalogView {
  relation(name: SqlName): RelationFacts | undefined;
  /** Types that a user made: domains, enums, composites, ranges. */
  type(name: SqlName): TypeFacts | undefined;
  /** The most volatile function with this name, whatever its arguments. */
  volatility(functionName: SqlName): 'immutable' | 'stable' | 'volatile' | undefined;
}

export type RelationKind =
  | 'table'
  | 'partitioned-table'
  | 'view'
  | 'materialized-view'
  | 'index'
  | 'sequence'
  | 'foreign-table';

export interface RelationFacts {
  readonly kind: RelationKind;
  readonly name: SqlName;
  /** For an index: the table it belongs to. */
  readonly table: SqlName | undefined;
  readonly columns: readonly ColumnFacts[];
  readonly indexes: readonly IndexFacts[];
  readonly constraints: readonly ConstraintFacts[];
  /** Tables with a foreign key to this one. */
  readonly referencedBy: readonly SqlName[];
  /** Partitions and inheriting tables at every depth. */
  readonly children: readonly SqlName[];
  /** For a view: the relations its query reads, views resolved to what they read. */
  readonly reads: readonly SqlName[];
  readonly partitioning: PartitionFacts | undefined;
  /** `pg_default` unless moved. */
  readonly tablespace: string;
  /** pg_class.reltuples; -1 when never analyzed. */
  readonly estimatedRows: number;
}

export interface ColumnFacts {
  readonly name: string;
  /** As format_type() prints it: `character varying(50)`, `numeric(10,2)[]`. */
  readonly type: string;
  readonly notNull: boolean;
}

export interface IndexFacts {
  readonly name: SqlName;
  readonly unique: boolean;
  /** Every column it depends on: keys, included ones, expressions and predicate. */
  readonly columns: readonly string[];
}

export interface ConstraintFacts {
  readonly name: string;
  readonly kind: 'check' | 'foreign-key' | 'primary-key' | 'unique' | 'exclusion' | 'not-null';
  readonly columns: readonly string[];
  /** As pg_get_constraintdef() prints it: `CHECK ((a > 0))`. */
  readonly definition: string;
  readonly validated: boolean;
  /** For a foreign key: the table it points to. */
  readonly references: SqlName | undefined;
}

/** Only partitioned tables have it. */
export interface PartitionFacts {
  /** Columns of the key, in order; an expression is ''. */
  readonly key: readonly string[];
  readonly defaultPartition: SqlName | undefined;
}

export interface TypeFacts {
  readonly kind: 'domain' | 'enum' | 'composite' | 'range' | 'base';
  /** True for a domain that has a CHECK or NOT NULL, its base domains included. */
  readonly constrained: boolean;
  /** Tables with a column of this type. */
  readonly usedBy: readonly SqlName[];
}

/** All that a classification depends on, besides the statement. */
export interface ClassifyContext {
  readonly parser: SqlParser;
  /** Major version of the target, 13 to 18. */
  readonly serverVersion: number;
  /** Whether sessions run with TimeZone UTC; undefined: not known. */
  readonly timeZoneUtc: boolean | undefined;
  /** Undefined: nothing is known, answers are the careful ones. */
  readonly catalog: CatalogView | undefined;
  readonly earlier: Earlier;
}

/** What earlier statements of the same migration made, which no catalog knows yet. */
export interface Earlier {
  /** Nobody else uses them yet, so whatever is done to them harms nobody. */
  readonly relations: readonly SqlName[];
  readonly types: readonly { readonly name: SqlName; readonly constrained: boolean }[];
}

export const NOTHING_EARLIER: Earlier = { relations: [], types: [] };
