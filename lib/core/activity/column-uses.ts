import type { Node, RangeVar, WithClause } from 'libpg-query';
import { nameOfRange, type SqlName, stringsOf } from '../sql/sql-name.ts';

/** A table or view that is there, with the names of its columns. */
export interface KnownTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** Which relation a name in somebody else's query means; undefined where that cannot be told. */
export type TableLookup = (name: SqlName) => KnownTable | undefined;

/** A table that a query reads or writes, and the columns of it that the query names for certain. */
export interface TableUse {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** What one item of a FROM list is called, and what it is; undefined: its columns are not known. */
interface FromItem {
  readonly alias: string;
  readonly table: KnownTable | undefined;
}
type Scope = readonly FromItem[];
type Tree = Readonly<Record<string, unknown>>;

/**
 * What a query uses for certain. A column counts when its qualifier is an item of the FROM list, or
 * when it has none and exactly one table there has such a column and nothing there is unknown:
 * a subquery, a function or a CTE might have it too. Whatever cannot be told is left out, because
 * a wrong accusation would hold up a migration. `*` names no column.
 */
export function usesOf(node: Node, lookup: TableLookup): readonly TableUse[] {
  const collector = new Collector(lookup);
  collector.visit(node, [], new Set());
  return collector.uses();
}

class Collector {
  readonly #lookup: TableLookup;
  readonly #found = new Map<KnownTable, Set<string>>();

  constructor(lookup: TableLookup) {
    this.#lookup = lookup;
  }

  uses(): readonly TableUse[] {
    return [...this.#found].map(([{ schema, name }, columns]) => ({
      schema,
      name,
      columns: [...columns].sort(),
    }));
  }

  /** @param scopes of the queries around it, the innermost first. @param ctes names that are no tables here */
  visit(tree: unknown, scopes: readonly Scope[], ctes: ReadonlySet<string>): void {
    if (Array.isArray(tree)) {
      for (const item of tree) this.visit(item, scopes, ctes);
      return;
    }
    if (!isTree(tree)) return;
    for (const [key, body] of Object.entries(tree)) {
      // What a MERGE names depends on which of its WHEN clauses it stands in.
      if (key === 'MergeStmt') continue;
      if (key === 'ColumnRef' && isTree(body)) this.#column(body, scopes);
      else if (QUERIES.has(key) && isTree(body)) this.#query(body, scopes, ctes);
      else if (SET_OPERANDS.has(key) && isTree(body)) this.#query(body, scopes, ctes);
      else this.visit(body, scopes, ctes);
    }
  }

  /** SELECT, INSERT, UPDATE, DELETE: a scope of its own inside those around it. */
  #query(query: Tree, outer: readonly Scope[], outerCtes: ReadonlySet<string>): void {
    const ctes = new Set([
      ...outerCtes,
      ...cteNames(query['withClause'] as WithClause | undefined),
    ]);
    const written = query['relation'] as RangeVar | undefined;
    const target = written && this.#itemOf(written, ctes);
    const from = [...list(query['fromClause']), ...list(query['usingClause'])];
    const scope = [
      ...(target === undefined ? [] : [target]),
      ...(query['onConflictClause'] === undefined ? [] : excluded(target)),
      ...from.flatMap((item) => this.#itemsOf(item, ctes)),
    ];
    if (target?.table !== undefined) this.#namesOf(query, target.table);
    this.visit(withoutOutputNames(query), [scope, ...outer], ctes);
  }

  /** Columns that INSERT lists, and UPDATE and ON CONFLICT set. */
  #namesOf(query: Tree, table: KnownTable): void {
    const isInsert = query['cols'] !== undefined || query['selectStmt'] !== undefined;
    const conflict = query['onConflictClause'];
    const lists = [
      ...(isInsert ? list(query['cols']) : list(query['targetList'])),
      ...(isTree(conflict) ? list(conflict['targetList']) : []),
    ];
    for (const each of lists) {
      const name =
        isTree(each) && isTree(each['ResTarget']) ? each['ResTarget']['name'] : undefined;
      if (typeof name === 'string') this.#add(table, name);
    }
  }

  #itemsOf(item: unknown, ctes: ReadonlySet<string>): readonly FromItem[] {
    if (!isTree(item)) return [];
    const { RangeVar: range, JoinExpr: join } = item;
    if (isTree(range)) return [this.#itemOf(range as unknown as RangeVar, ctes)];
    if (isTree(join)) {
      const both = [...this.#itemsOf(join['larg'], ctes), ...this.#itemsOf(join['rarg'], ctes)];
      // USING and the alias of a join give columns another name.
      return join['usingClause'] === undefined && join['alias'] === undefined
        ? both
        : [...both, UNKNOWN];
    }
    const [body] = Object.values(item);
    const alias = isTree(body) && isTree(body['alias']) ? body['alias']['aliasname'] : undefined;
    return [{ alias: typeof alias === 'string' ? alias : '', table: undefined }];
  }

  #itemOf(range: RangeVar, ctes: ReadonlySet<string>): FromItem {
    const name = nameOfRange(range);
    const isCte = name.schema === undefined && ctes.has(name.name);
    // t(a, b) renames columns, so what is written is not what the table calls them.
    const renamed = (range.alias?.colnames ?? []).length > 0;
    const table = isCte ? undefined : this.#lookup(name);
    if (table !== undefined) this.#add(table, undefined);
    return { alias: range.alias?.aliasname ?? name.name, table: renamed ? undefined : table };
  }

  #column({ fields }: Tree, scopes: readonly Scope[]): void {
    const words = stringsOf(fields as Node[]);
    const column = words.at(-1);
    // `*` is no String, so that there are fewer words than fields.
    if (column === undefined || words.length !== list(fields).length) return;
    const qualifier = words.at(-2);
    for (const scope of scopes) {
      const candidates =
        qualifier === undefined ? scope : scope.filter(({ alias }) => alias === qualifier);
      const having = candidates.filter(({ table }) => table?.columns.includes(column));
      if (candidates.some(({ table }) => table === undefined)) return;
      if (new Set(having.map(({ table }) => table)).size > 1) return;
      const table = having[0]?.table;
      if (table !== undefined) {
        this.#add(table, column);
        return;
      }
      if (qualifier !== undefined && candidates.length > 0) return;
    }
  }

  #add(table: KnownTable, column: string | undefined): void {
    const columns = this.#found.get(table) ?? new Set();
    if (column !== undefined) columns.add(column);
    this.#found.set(table, columns);
  }
}

const UNKNOWN: FromItem = { alias: '', table: undefined };
const QUERIES: ReadonlySet<string> = new Set([
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
]);
/** The sides of UNION, INTERSECT and EXCEPT are queries without a name of their own in the tree. */
const SET_OPERANDS: ReadonlySet<string> = new Set(['larg', 'rarg']);

function cteNames(clause: WithClause | undefined): readonly string[] {
  return (clause?.ctes ?? []).flatMap((each) =>
    'CommonTableExpr' in each ? [each.CommonTableExpr.ctename ?? ''] : [],
  );
}

/** In ON CONFLICT the row that was not inserted has the columns of the table. */
function excluded(target: FromItem | undefined): Scope {
  return [{ alias: 'excluded', table: undefined }].map((item) => ({
    ...item,
    table: target?.table,
  }));
}

/** ORDER BY prefers the names that the query gives its results, and after a UNION knows no others. */
function withoutOutputNames(query: Tree): Tree {
  const { sortClause, ...rest } = query;
  if (sortClause === undefined) return query;
  if (rest['larg'] !== undefined) return rest;
  const names = new Set(list(rest['targetList']).map(nameOfResult));
  const kept = list(sortClause).filter((each) => {
    const by = isTree(each) && isTree(each['SortBy']) ? each['SortBy']['node'] : undefined;
    const ref = isTree(by) && isTree(by['ColumnRef']) ? by['ColumnRef'] : undefined;
    const words = ref === undefined ? [] : stringsOf(ref['fields'] as Node[]);
    return words.length !== 1 || !names.has(words[0]);
  });
  return { ...rest, sortClause: kept };
}

function nameOfResult(target: unknown): unknown {
  return isTree(target) && isTree(target['ResTarget']) ? target['ResTarget']['name'] : undefined;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
