import type { Node } from 'libpg-query';
import { nameOfRange, type SqlName, writeName } from '../../sql/sql-name.ts';
import { nodesOf } from './sql-tree.ts';

/** What a list of statements makes that did not exist before. */
export interface Creations {
  readonly tables: readonly SqlName[];
  readonly columns: readonly { readonly table: SqlName; readonly column: string }[];
}

/** Rows that a statement writes. */
export interface Write {
  readonly table: SqlName;
  /** Columns it sets in rows that exist; undefined when it adds or removes whole rows. */
  readonly columns: readonly string[] | undefined;
}

/** IF NOT EXISTS is left out: what it names may have been there, with data in it. */
export function creationsOf(statements: readonly Node[]): Creations {
  const tables = [
    ...nodesOf(statements, 'CreateStmt').map((create) => !create.if_not_exists && create.relation),
    ...nodesOf(statements, 'CreateTableAsStmt').map(
      (create) => !create.if_not_exists && create.into?.rel,
    ),
  ];
  const columns = nodesOf(statements, 'AlterTableStmt').flatMap((alter) =>
    nodesOf(alter.cmds, 'AlterTableCmd').flatMap((command) => {
      const added = command.subtype === 'AT_AddColumn' && !command.missing_ok;
      const names = added ? nodesOf(command.def, 'ColumnDef') : [];
      return names.map((name) => ({
        table: nameOfRange(alter.relation),
        column: name.colname ?? '',
      }));
    }),
  );
  return { tables: tables.flatMap((range) => (range ? [nameOfRange(range)] : [])), columns };
}

/** Every table that a statement writes, also from inside a WITH. */
export function writesOf(node: Node): readonly Write[] {
  return [
    ...nodesOf(node, 'InsertStmt').map(({ relation }) => wholeRows(nameOfRange(relation))),
    ...nodesOf(node, 'DeleteStmt').map(({ relation }) => wholeRows(nameOfRange(relation))),
    ...nodesOf(node, 'MergeStmt').map(({ relation }) => wholeRows(nameOfRange(relation))),
    ...nodesOf(node, 'UpdateStmt').map(({ relation, targetList }) => ({
      table: nameOfRange(relation),
      columns: (targetList ?? []).flatMap((target) =>
        'ResTarget' in target ? [target.ResTarget.name ?? ''] : [],
      ),
    })),
  ];
}

/** The part of a write that stays when the creations are undone; undefined when nothing does. */
export function writeBeyond({ tables, columns }: Creations, write: Write): Write | undefined {
  if (tables.some((table) => sameTable(table, write.table))) return undefined;
  const old = write.columns?.filter(
    (column) =>
      !columns.some((made) => sameTable(made.table, write.table) && made.column === column),
  );
  return old?.length === 0 ? undefined : { table: write.table, columns: old };
}

/** `invoices.total_cents`, or `rows of invoices`. */
export function describeWrite({ table, columns }: Write): string {
  const name = writeName(table);
  return columns?.map((column) => `${name}.${column}`).join(', ') ?? `rows of ${name}`;
}

/** The name in a backfill's `table`, whose form was checked. */
export function tableNamed(written: string): SqlName {
  const parts = [...written.matchAll(/"(?:[^"]|"")+"|[^.]+/g)].map(([part]) => unquoted(part));
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** The name as the server stores it. */
export function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

function wholeRows(table: SqlName): Write {
  return { table, columns: undefined };
}

/** A name without a schema is taken for one in `public`, so that it does not match every schema. */
function sameTable(left: SqlName, right: SqlName): boolean {
  return left.name === right.name && (left.schema ?? 'public') === (right.schema ?? 'public');
}
