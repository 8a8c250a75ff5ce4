import type { Node } from 'libpg-query';
import {
  mayHaveSubquery,
  quoteIdentifier,
  quoteQualified,
  storedName,
} from '../../core/backfill/sql-text.ts';
import {
  RANGE_MARKER,
  rangeMarkers,
  withoutMarkers,
} from '../../core/migration/read/range-marker.ts';
import type { BackfillStep, TableName } from '../../core/plan/plan.ts';
import type { SqlParser } from '../../core/sql/parser.ts';

/** The work of a backfill, ready to be put into a batch. */
export interface Work {
  /** How the walked table is called inside the work. */
  readonly alias: string;
  /** The statement for the rows that `condition` selects. */
  statement(condition: string): string;
  /** The same as a query of one row, whose column `moved` (int4) is how many rows were changed. */
  counted(condition: string): string;
  /** Columns of the walked table that it sets; empty when it changes another table or deletes. */
  readonly updatedColumns: readonly string[];
  /** Every key of a range is one changed row, so that the count of changed rows is exact progress. */
  readonly changesEveryRow: boolean;
  /**
   * `alone`: nothing is joined to the walked table, so that it does not matter how many rows the
   * planner takes a condition to have. It takes a list of keys for ten, whatever is in it, and
   * would look for the rows of a large table one by one.
   */
  readonly stands: 'alone' | 'joined';
}

export type PreparedWork =
  | { readonly kind: 'prepared'; readonly work: Work }
  | { readonly kind: 'unusable'; readonly reason: string };

/** @param parser only needed for work of kind `sql` */
export async function prepareWork(
  step: Pick<BackfillStep, 'table' | 'work'>,
  parser: () => Promise<SqlParser>,
): Promise<PreparedWork> {
  const { table, work } = step;
  if (work.kind === 'update') {
    const { set, where } = work;
    return { kind: 'prepared', work: updateWork(table, set, where) };
  }
  return sqlWork(table, work.sql, storedName(work.alias), await parser());
}

/**
 * The same work for rows that turned out to be wrong: without the condition that says which rows are
 * still to be done, because these look as if they were.
 */
export function repairWork({ table, work }: Pick<BackfillStep, 'table' | 'work'>, own: Work): Work {
  return work.kind === 'update' ? updateWork(table, work.set, undefined) : own;
}

/** The same work on a partition alone, under the name of its table; only what sets columns. */
export function workOnPartition(
  { table, work }: Pick<BackfillStep, 'table' | 'work'>,
  partition: TableName,
): Work | undefined {
  return work.kind === 'update' ? updateWork(table, work.set, work.where, partition) : undefined;
}

function updateWork(
  table: BackfillStep['table'],
  set: Readonly<Record<string, string>>,
  where: string | undefined,
  partition?: TableName,
): Work {
  const columns = Object.keys(set).map(storedName);
  // Line breaks around the author's SQL: an expression may end in a line comment.
  const assignments = Object.entries(set)
    .map(([column, expression]) => `${quoteIdentifier(storedName(column))} = (${expression}\n)`)
    .join(', ');
  const restriction = where === undefined ? '' : ` and (${where}\n)`;
  const target =
    partition === undefined
      ? quoteQualified(table)
      : `${quoteQualified(partition)} as ${quoteIdentifier(table.name)}`;
  const statement = (condition: string) =>
    `update ${target} set ${assignments} where ${condition}${restriction}`;
  return {
    alias: table.name,
    statement,
    counted: (condition) => counted(`${statement(condition)} returning 1`),
    updatedColumns: columns,
    changesEveryRow: where === undefined,
    // A subquery in a condition may become a join; one in an expression does not.
    stands: where === undefined || !mayHaveSubquery(where) ? 'alone' : 'joined',
  };
}

function sqlWork(
  table: BackfillStep['table'],
  sql: string,
  alias: string,
  parser: SqlParser,
): PreparedWork {
  const markers = rangeMarkers(parser, sql);
  const [marker] = markers ?? [];
  if (markers?.length !== 1 || marker === undefined) {
    return unusable(
      `the SQL must have ${RANGE_MARKER} exactly once, got ${markers?.length ?? 'text that cannot be read'}`,
    );
  }
  const parsed = parser.parse(withoutMarkers(sql, markers));
  if (parsed.kind === 'syntax-error') return unusable(parsed.message);
  const [statement, ...others] = parsed.statements;
  if (statement === undefined || others.length > 0) {
    return unusable(`the SQL must be one statement, got ${parsed.statements.length}`);
  }
  const shape = shapeOf(statement.node, table);
  if (shape === undefined) return unusable('the SQL must be an INSERT, UPDATE or DELETE');
  const before = sql.slice(statement.start, marker);
  const after = sql.slice(marker + RANGE_MARKER.length, statement.end);
  const within = (condition: string) => `${before}(${condition})${after}`;
  const returning = shape.returns ? '' : '\nreturning 1';
  return {
    kind: 'prepared',
    work: {
      alias,
      statement: within,
      counted: (condition) => counted(`${within(condition)}${returning}`),
      updatedColumns: shape.updatedColumns,
      changesEveryRow: false,
      stands: 'joined',
    },
  };
}

function counted(returning: string): string {
  return `with lockkeeper_moved as (
${returning}
)
select count(*)::int4 as moved from lockkeeper_moved`;
}

interface Shape {
  readonly returns: boolean;
  readonly updatedColumns: readonly string[];
}

function shapeOf(node: Node, table: BackfillStep['table']): Shape | undefined {
  if ('InsertStmt' in node) {
    return { returns: returnsRows(node.InsertStmt), updatedColumns: [] };
  }
  if ('DeleteStmt' in node) {
    return { returns: returnsRows(node.DeleteStmt), updatedColumns: [] };
  }
  if (!('UpdateStmt' in node)) return undefined;
  const { relation, targetList = [] } = node.UpdateStmt;
  const ofWalkedTable =
    relation?.relname === table.name && (relation.schemaname ?? table.schema) === table.schema;
  const columns = targetList.flatMap((target) =>
    'ResTarget' in target && target.ResTarget.name !== undefined ? [target.ResTarget.name] : [],
  );
  return {
    returns: returnsRows(node.UpdateStmt),
    updatedColumns: ofWalkedTable ? columns : [],
  };
}

/** PostgreSQL 18 moved the list into a clause of its own. */
function returnsRows(statement: object): boolean {
  const clause = 'returningClause' in statement ? statement.returningClause : undefined;
  const list = 'returningList' in statement ? statement.returningList : undefined;
  return clause !== undefined || list !== undefined;
}

function unusable(reason: string): PreparedWork {
  return { kind: 'unusable', reason };
}
