import type { Node } from 'libpg-query';
import { isEarlier } from '../../sql/earlier.ts';
import { nameOfRange, type SqlName, writeName } from '../../sql/sql-name.ts';
import { columnOf, conjuncts, nodesNamed } from '../../sql/walk.ts';
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
  const { node } = examined.statement;
  const inner = nodesNamed(node, 'CommonTableExpr');
  const own = inner.map(({ ctename = '' }) => ctename);
  const queries = [node, ...inner.flatMap(({ ctequery }) => ctequery ?? [])];
  return queries.flatMap((query) => {
    const written = writtenBy(query);
    // What a WITH query gives was found by that query, which is looked at itself.
    if (written === undefined || own.includes(written.taken.name)) return [];
    return isLarge(written, examined) ? [matchOf(written)] : [];
  });
}

interface Written {
  readonly verb: 'update' | 'delete' | 'insert' | 'merge';
  readonly table: SqlName;
  /** The table that says how many rows it is about: the one it reads, or the one it writes. */
  readonly taken: SqlName;
  readonly where: Node | undefined;
}

function writtenBy(node: Node): Written | undefined {
  if ('UpdateStmt' in node) {
    const table = nameOfRange(node.UpdateStmt.relation);
    return { verb: 'update', table, taken: table, where: node.UpdateStmt.whereClause };
  }
  if ('DeleteStmt' in node) {
    const table = nameOfRange(node.DeleteStmt.relation);
    return { verb: 'delete', table, taken: table, where: node.DeleteStmt.whereClause };
  }
  if ('MergeStmt' in node) {
    const { relation, sourceRelation } = node.MergeStmt;
    if (sourceRelation === undefined || !('RangeVar' in sourceRelation)) return undefined;
    const taken = nameOfRange(sourceRelation.RangeVar);
    return { verb: 'merge', table: nameOfRange(relation), taken, where: undefined };
  }
  if (!('InsertStmt' in node)) return undefined;
  const { relation, selectStmt } = node.InsertStmt;
  const query =
    selectStmt !== undefined && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined;
  const [from] = query?.fromClause ?? [];
  if (from === undefined || !('RangeVar' in from) || query?.limitCount !== undefined) {
    return undefined;
  }
  const taken = nameOfRange(from.RangeVar);
  return { verb: 'insert', table: nameOfRange(relation), taken, where: query?.whereClause };
}

function isLarge({ table, taken, where }: Written, examined: Examined): boolean {
  const { target } = examined;
  if (isEarlier(target, table) || isEarlier(target, taken)) return false;
  return where === undefined || !findsFewRows(where, examined, taken);
}

function matchOf({ verb, table, taken }: Written): Match {
  const reads = verb === 'insert' || verb === 'merge';
  const of = reads ? `${writeName(taken)} into` : 'of';
  const message = `one ${verb} ${of} ${writeName(table)} keeps its rows locked until all of them are done`;
  const safer = `declare it as a backfill of ${writeName(taken)}: batches by its key, with a checkpoint each`;
  return { message, relation: taken, work: 'rows', saferRewrite: steps(safer) };
}

/** A condition that a unique column equals a constant, or is one of a list, finds what is written there. */
function findsFewRows(where: Node, { target }: Examined, table: SqlName): boolean {
  if ('CurrentOfExpr' in where) return true;
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
