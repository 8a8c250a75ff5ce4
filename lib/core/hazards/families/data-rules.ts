import type { Node } from 'libpg-query';
import { isEarlier } from '../../sql/earlier.ts';
import { nameOfRange, type SqlName, writeName } from '../../sql/sql-name.ts';
import { columnOf, conjuncts } from '../../sql/walk.ts';
import { always, type Examined, type Match, type StatementRule, steps } from '../rule.ts';

/** Statements about rows. */
export const DATA_RULES: readonly StatementRule[] = [
  {
    id: 'unbatched-backfill',
    severity: always('error'),
    why: 'one statement over many rows keeps all of them locked until the last one is done, in one transaction that vacuum and replicas have to wait for',
    safer: 'a backfill: batches with a checkpoint each, at a pace that the database can take',
    source: 'MigrationPilot MP011, MP067; pgfence; diesel-guard; Bytebase where-required',
    find: unbatched,
  },
  {
    id: 'duplicate-column-assignment',
    severity: always('error'),
    why: 'PostgreSQL refuses a statement that gives one column two values',
    safer: 'one value for each column',
    source: 'squawk',
    find: ({ statement: { node } }) => {
      const names = assigned(node);
      const twice = names.filter((name, at) => names.indexOf(name) !== at);
      return [...new Set(twice)].map((name) => ({ message: `column ${name} is assigned twice` }));
    },
  },
];

function unbatched(examined: Examined): readonly Match[] {
  const written = writtenBy(examined);
  if (written === undefined) return [];
  const { table, size = table, verb, where } = written;
  const { target } = examined;
  if (isEarlier(target, table) || isEarlier(target, size)) return [];
  if (where !== undefined && findsFewRows(where, examined, table)) return [];
  return [
    {
      message: `one ${verb} ${verb === 'insert' ? 'copies' : 'of'} ${writeName(size)}${verb === 'insert' ? ` into ${writeName(table)}` : ' locks its rows until all of them are done'}`,
      relation: size,
      work: 'rows',
      saferRewrite: steps(
        `declare it as a backfill of ${writeName(size)}: batches by its key, with a checkpoint each`,
      ),
    },
  ];
}

interface Written {
  readonly table: SqlName;
  /** Whose rows it takes. @default table */
  readonly size?: SqlName | undefined;
  readonly verb: 'update' | 'delete' | 'insert';
  readonly where: Node | undefined;
}

function writtenBy({ statement: { node } }: Examined): Written | undefined {
  if ('UpdateStmt' in node) {
    const { relation, whereClause } = node.UpdateStmt;
    return { table: nameOfRange(relation), verb: 'update', where: whereClause };
  }
  if ('DeleteStmt' in node) {
    const { relation, whereClause } = node.DeleteStmt;
    return { table: nameOfRange(relation), verb: 'delete', where: whereClause };
  }
  if (!('InsertStmt' in node)) return undefined;
  const { relation, selectStmt } = node.InsertStmt;
  const query =
    selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined;
  const [from] = query?.fromClause ?? [];
  if (from === undefined || !('RangeVar' in from) || query?.limitCount !== undefined) {
    return undefined;
  }
  return {
    table: nameOfRange(relation),
    size: nameOfRange(from.RangeVar),
    verb: 'insert',
    where: query?.whereClause,
  };
}

/** A condition that a unique column equals a constant, or is one of a list, finds what is written there. */
function findsFewRows(where: Node, { target }: Examined, table: SqlName): boolean {
  const indexes = target.catalog?.relation(table)?.indexes;
  // Without a catalog, a column called id is taken for the key that it nearly always is.
  const keys = indexes
    ?.filter(({ unique, columns }) => unique && columns.length === 1)
    .flatMap(({ columns }) => columns) ?? ['id'];
  return conjuncts(where).some((term) => {
    if (!('A_Expr' in term)) return false;
    const { kind, name, lexpr, rexpr } = term.A_Expr;
    const [operator] = name ?? [];
    const equals =
      (kind === 'AEXPR_OP' || kind === 'AEXPR_IN') &&
      operator !== undefined &&
      'String' in operator &&
      operator.String.sval === '=';
    return equals && keys.includes(columnOf(lexpr) ?? '') && isConstant(rexpr);
  });
}

function isConstant(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if ('List' in node) return (node.List.items ?? []).every(isConstant);
  if ('TypeCast' in node) return isConstant(node.TypeCast.arg);
  return 'A_Const' in node || 'ParamRef' in node;
}

function assigned(node: Node): readonly string[] {
  const targets =
    'UpdateStmt' in node
      ? node.UpdateStmt.targetList
      : 'InsertStmt' in node
        ? node.InsertStmt.cols
        : [];
  return (targets ?? []).flatMap((target) =>
    // A part of a composite or an array may be assigned beside another part.
    'ResTarget' in target && target.ResTarget.indirection === undefined
      ? [target.ResTarget.name ?? '']
      : [],
  );
}
