import type { Constraint, Node } from 'libpg-query';
import type { NodeBody, NodeName } from './rules/rule.ts';

/** Something that the grammar of a major version has and the one before it refuses. */
export interface ServerFeature {
  /** As it is written in SQL. */
  readonly what: string;
  /**
   * Major version, 14 to 18, by the release notes of that version:
   * https://www.postgresql.org/docs/release/14.0/ and so on.
   */
  readonly since: number;
}

/**
 * The newest feature of a statement, undefined when version 13 accepts it. Functions are not looked
 * at: a name that is new on the server may be a function of the user's own on an older one.
 */
export function newestFeature(node: Node): ServerFeature | undefined {
  return featuresIn(node).reduce<ServerFeature | undefined>(
    (newest, each) => (newest === undefined || each.since > newest.since ? each : newest),
    undefined,
  );
}

function featuresIn(tree: unknown): readonly ServerFeature[] {
  if (Array.isArray(tree)) return tree.flatMap(featuresIn);
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => {
    // Sound: node names start with a capital, field names do not, and FEATURES pairs each name with
    // a reader of its own body.
    const find = FEATURES[key as NodeName] as ((body: unknown) => Found) | undefined;
    return [...(find?.(value).filter((each) => each !== false) ?? []), ...featuresIn(value)];
  });
}

type Found = readonly (ServerFeature | false)[];
type Features = { readonly [Name in NodeName]?: (body: NodeBody<Name>) => Found };

const since = (version: number, what: string): ServerFeature => ({ what, since: version });

const FEATURES: Features = {
  AlterTableCmd: ({ subtype, def }) => [
    subtype === 'AT_DetachPartitionFinalize' && since(14, 'DETACH PARTITION ... FINALIZE'),
    subtype === 'AT_SetCompression' && since(14, 'SET COMPRESSION'),
    subtype === 'AT_SetAccessMethod' && since(15, 'SET ACCESS METHOD'),
    subtype === 'AT_SetExpression' && since(17, 'SET EXPRESSION'),
    subtype === 'AT_SetStatistics' && def === undefined && since(17, 'SET STATISTICS DEFAULT'),
  ],
  PartitionCmd: ({ concurrent }) => [
    concurrent === true && since(14, 'DETACH PARTITION ... CONCURRENTLY'),
  ],
  ATAlterConstraint: ({ alterEnforceability, alterInheritability }) => [
    alterEnforceability === true && since(18, 'ALTER CONSTRAINT ... [NOT] ENFORCED'),
    alterInheritability === true && since(18, 'ALTER CONSTRAINT ... [NO] INHERIT'),
  ],
  ColumnDef: ({ compression, storage_name: storage }) => [
    compression !== undefined && since(14, 'COMPRESSION of a column'),
    storage !== undefined && since(16, 'STORAGE of a new column'),
  ],
  Constraint: featuresOfConstraint,
  IndexStmt: ({ nulls_not_distinct: together }) => [
    together === true && since(15, 'NULLS NOT DISTINCT'),
  ],
  ReindexStmt: ({ relation, name, kind, params = [] }) => [
    params.some((each) => 'DefElem' in each && each.DefElem.defname === 'tablespace') &&
      since(14, 'REINDEX (TABLESPACE ...)'),
    (kind === 'REINDEX_OBJECT_DATABASE' || kind === 'REINDEX_OBJECT_SYSTEM') &&
      relation === undefined &&
      name === undefined &&
      since(16, 'REINDEX of a database without its name'),
  ],
  StatsElem: ({ expr }) => [expr !== undefined && since(14, 'CREATE STATISTICS on an expression')],
  CreateTrigStmt: ({ replace }) => [replace === true && since(14, 'CREATE OR REPLACE TRIGGER')],
  CreateFunctionStmt: ({ sql_body: body }) => [
    body !== undefined && since(14, 'a function body in standard SQL'),
  ],
  DefElem: ({ defname }) => [defname === 'security_invoker' && since(15, 'security_invoker')],
  PublicationObjSpec: ({ pubobjtype, pubtable }) => [
    (pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_SCHEMA' ||
      pubobjtype === 'PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA') &&
      since(15, 'a publication of TABLES IN SCHEMA'),
    pubtable?.whereClause !== undefined && since(15, 'a publication with WHERE'),
    (pubtable?.columns ?? []).length > 0 && since(15, 'a publication with a list of columns'),
  ],
  AccessPriv: ({ priv_name: privilege }) => [
    privilege === 'maintain' && since(17, 'the privilege MAINTAIN'),
  ],
  MergeStmt: ({ returningClause }) => [
    since(15, 'MERGE'),
    returningClause !== undefined && since(17, 'MERGE ... RETURNING'),
  ],
  MergeWhenClause: ({ matchKind }) => [
    matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE' && since(17, 'WHEN NOT MATCHED BY SOURCE'),
  ],
  ReturningOption: () => [since(18, 'RETURNING WITH (OLD AS ..., NEW AS ...)')],
  RangeSubselect: ({ alias }) => [alias === undefined && since(16, 'a subquery without an alias')],
  CommonTableExpr: ({ search_clause: search, cycle_clause: cycle }) => [
    search !== undefined && since(14, 'SEARCH of a recursive query'),
    cycle !== undefined && since(14, 'CYCLE of a recursive query'),
  ],
  JsonObjectConstructor: () => [since(16, 'JSON_OBJECT of SQL/JSON')],
  JsonArrayConstructor: () => [since(16, 'JSON_ARRAY of SQL/JSON')],
  JsonIsPredicate: () => [since(16, 'IS JSON')],
  JsonFuncExpr: () => [since(17, 'JSON_EXISTS, JSON_QUERY and JSON_VALUE')],
  JsonTable: () => [since(17, 'JSON_TABLE')],
};

function featuresOfConstraint(constraint: Constraint): Found {
  const { contype, keys = [], fk_del_set_cols: cleared = [] } = constraint;
  const isCheckOrReference = contype === 'CONSTR_CHECK' || contype === 'CONSTR_FOREIGN';
  return [
    constraint.nulls_not_distinct === true && since(15, 'NULLS NOT DISTINCT'),
    cleared.length > 0 && since(15, 'ON DELETE SET NULL or SET DEFAULT of some columns'),
    constraint.generated_kind === 'v' && since(18, 'a generated column that is VIRTUAL'),
    constraint.without_overlaps === true && since(18, 'WITHOUT OVERLAPS'),
    constraint.fk_with_period === true && since(18, 'a foreign key with PERIOD'),
    contype === 'CONSTR_NOTNULL' && keys.length > 0 && since(18, 'NOT NULL as a table constraint'),
    contype === 'CONSTR_NOTNULL' &&
      constraint.is_no_inherit === true &&
      since(18, 'NOT NULL ... NO INHERIT'),
    contype === 'CONSTR_ATTR_NOT_ENFORCED' && since(18, 'NOT ENFORCED'),
    contype === 'CONSTR_ATTR_ENFORCED' && since(18, 'ENFORCED'),
    isCheckOrReference && constraint.is_enforced !== true && since(18, 'NOT ENFORCED'),
  ];
}
