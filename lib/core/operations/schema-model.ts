import { type SqlName, writeName } from '../sql/sql-name.ts';

/**
 * The part of a schema that operations work on, as the application that comes after them will see
 * it. Each operation is lowered against the model that the ones before it left, so a migration can
 * create a table and then add to it. A value: changing it makes a new one.
 */
export interface SchemaModel {
  /** Major version of the server, such as 18. */
  readonly serverVersion: number;
  /** Schema of names that are written without one: the first of the search path, `public`. */
  readonly defaultSchema: string;
  readonly tables: readonly TableModel[];
  readonly enums: readonly EnumModel[];
  /** Schemas of views that earlier migrations made for their version (`versioned_schema: true`). */
  readonly versions: readonly VersionModel[];
  /** Who may use the default schema. @default - its owner alone */
  readonly usage?: readonly string[];
}

export interface TableModel {
  readonly schema: string;
  readonly name: string;
  /** What the table is called until contract renames it; the same as `name` unless an operation renames it. */
  readonly physicalName: string;
  readonly kind: 'table' | 'partitioned-table';
  /** The partitioned table that it is a partition of. */
  readonly partitionOf: SqlName | undefined;
  /** As pg_get_partkeydef() prints it: `RANGE (created_at)`; only partitioned tables have it. */
  readonly partitionKey: string | undefined;
  /** Direct partitions with their bounds (`FOR VALUES FROM (...) TO (...)` or `DEFAULT`). */
  readonly partitions: readonly { readonly name: SqlName; readonly bound: string }[];
  readonly columns: readonly ColumnModel[];
  readonly indexes: readonly IndexModel[];
  readonly constraints: readonly ConstraintModel[];
  /** Foreign keys of other tables, and of itself, that point here. */
  readonly referencedBy: readonly ReferenceModel[];
  /** Triggers that somebody made, in the order in which they fire. */
  readonly triggers: readonly TriggerModel[];
  /** Views, rules, policies, functions' dependencies and so on that break when a column goes. */
  readonly dependents: readonly DependentModel[];
  readonly replicaIdentity: ReplicaIdentity;
  readonly rowSecurity: boolean;
  readonly comment: string | undefined;
  /** pg_class.reltuples; -1 when never analyzed. */
  readonly estimatedRows: number;
  /** Made by an operation of this migration: nobody uses it yet, so it may be changed in place. */
  readonly isNew: boolean;
  /** Who may read and write it. @default - its owner alone */
  readonly grants?: readonly GrantModel[];
}

export interface GrantModel {
  /** A role as SQL, or `public` for everybody. */
  readonly grantee: string;
  readonly privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';
}

/** Of one column alone, besides what is granted on its table. */
export interface ColumnGrantModel {
  /** A role as SQL, or `public` for everybody. */
  readonly grantee: string;
  readonly privilege: 'SELECT' | 'INSERT' | 'UPDATE' | 'REFERENCES';
  readonly grantable: boolean;
}

export interface ColumnModel {
  readonly name: string;
  /** What the column is called until contract: the shadow of a changed column, else `name`. */
  readonly physicalName: string;
  /** As format_type() prints it: `character varying(50)`, `numeric(10,2)[]`. */
  readonly type: string;
  readonly notNull: boolean;
  /** The default, as SQL. */
  readonly default: string | undefined;
  /** The expression of a generated column, as SQL. */
  readonly generated: string | undefined;
  readonly identity: 'always' | 'by default' | undefined;
  /** Only where it is not the type's own, as SQL. */
  readonly collation: string | undefined;
  readonly comment: string | undefined;
  /** Changed or made by an operation of this migration, which a second one cannot change again. */
  readonly changed: boolean;
  /** @default - none */
  readonly grants?: readonly ColumnGrantModel[];
  /** The sequence that PostgreSQL drops with the column, as SQL; those of identities are not here. @default - none */
  readonly ownedSequence?: string | undefined;
}

export interface IndexModel {
  readonly name: string;
  /** As pg_get_indexdef() prints it. */
  readonly definition: string;
  readonly unique: boolean;
  readonly primary: boolean;
  /** Every column it depends on: keys, included ones, expressions and predicate. */
  readonly columns: readonly string[];
  readonly valid: boolean;
  /** The constraint that it serves. */
  readonly constraint: string | undefined;
}

export interface ConstraintModel {
  readonly name: string;
  readonly kind: 'check' | 'foreign-key' | 'primary-key' | 'unique' | 'exclusion' | 'not-null';
  readonly columns: readonly string[];
  /** As pg_get_constraintdef() prints it: `CHECK ((a > 0))`, without NOT VALID. */
  readonly definition: string;
  readonly validated: boolean;
  /** For a foreign key: the table it points to. */
  readonly references: SqlName | undefined;
}

export interface ReferenceModel {
  readonly table: SqlName;
  readonly constraint: string;
  /** Columns of this table that it points to. */
  readonly columns: readonly string[];
}

export interface TriggerModel {
  readonly name: string;
  /** As pg_get_triggerdef() prints it. */
  readonly definition: string;
  /** Columns of UPDATE OF; empty for a trigger on every column. */
  readonly columns: readonly string[];
}

export interface DependentModel {
  readonly kind:
    | 'view'
    | 'materialized view'
    | 'policy'
    | 'rule'
    | 'function'
    | 'generated column'
    | 'statistics'
    | 'publication'
    | 'trigger'
    | 'partition key'
    | 'other';
  /** As pg_describe_object() names it, such as `view active_users`. */
  readonly name: string;
  /** For a view: where it is. */
  readonly relation: SqlName | undefined;
  /** For a view: its query, as pg_get_viewdef() prints it. */
  readonly definition: string | undefined;
  /** Columns of the table that it uses. */
  readonly columns: readonly string[];
}

export type ReplicaIdentity =
  | { readonly kind: 'default' | 'full' | 'nothing' }
  | { readonly kind: 'index'; readonly index: string };

export interface EnumModel {
  readonly schema: string;
  readonly name: string;
  readonly labels: readonly string[];
}

export interface VersionModel {
  /** Name of the schema with the views. */
  readonly schema: string;
  /** The schema of the tables that they show. */
  readonly of: string;
  readonly views: readonly string[];
}

/** The name for SQL until contract: with its schema unless that is the default one. */
export function physicalTable(model: SchemaModel, table: TableModel): string {
  return writeName({ schema: schemaOf(model, table), name: table.physicalName });
}

/** The name for SQL once the contract steps of earlier operations ran. */
export function finalTable(model: SchemaModel, table: TableModel): string {
  return writeName({ schema: schemaOf(model, table), name: table.name });
}

function schemaOf(model: SchemaModel, { schema }: TableModel): string | undefined {
  return schema === model.defaultSchema ? undefined : schema;
}

export function findTable(model: SchemaModel, name: SqlName): TableModel | undefined {
  const schema = name.schema ?? model.defaultSchema;
  return model.tables.find((table) => table.name === name.name && table.schema === schema);
}

export function findColumn(table: TableModel, name: string): ColumnModel | undefined {
  return table.columns.find((column) => column.name === name);
}

/** The model with this table in the place of the one with the same schema and physical name. */
export function withTable(model: SchemaModel, table: TableModel): SchemaModel {
  const isSame = (other: TableModel) =>
    other.schema === table.schema && other.physicalName === table.physicalName;
  const known = model.tables.some(isSame);
  return {
    ...model,
    tables: known
      ? model.tables.map((other) => (isSame(other) ? table : other))
      : [...model.tables, table],
  };
}

export function withoutTable(model: SchemaModel, table: TableModel): SchemaModel {
  return { ...model, tables: model.tables.filter((other) => other !== table) };
}

/**
 * The table whose columns later operations of the migration cannot change, because steps of contract
 * or its way back name them as they are now.
 */
export function withFixedColumns(table: TableModel, names: readonly string[]): TableModel {
  return {
    ...table,
    columns: table.columns.map((column) =>
      names.includes(column.name) ? { ...column, changed: true } : column,
    ),
  };
}

/** The table with a column changed, found by its present name. */
export function withColumn(
  table: TableModel,
  name: string,
  change: Partial<ColumnModel>,
): TableModel {
  return {
    ...table,
    columns: table.columns.map((column) =>
      column.name === name ? { ...column, ...change } : column,
    ),
  };
}
