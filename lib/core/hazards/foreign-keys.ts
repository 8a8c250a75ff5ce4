import type { Constraint } from 'libpg-query';
import { parsePgType, writePgType } from '../sql/pg-type.ts';
import { nameOfRange, type SqlName, sameName, stringsOf } from '../sql/sql-name.ts';
import { newColumns } from './alter-commands.ts';
import type { Examined } from './rule.ts';

export interface ForeignKey {
  readonly table: SqlName;
  readonly columns: readonly string[];
  readonly referenced: SqlName;
  /** Those of the referenced primary key where they are not written; empty when nobody knows. */
  readonly referencedColumns: readonly string[];
}

/** The foreign keys that a statement adds, whether inside a column, a table or on their own. */
export function foreignKeysOf(
  examined: Examined,
  script: readonly Examined[],
): readonly ForeignKey[] {
  const inColumns = newColumns(examined).flatMap(({ table, name, constraints }) =>
    constraints.filter(isForeign).map((key) => foreignKey(examined, script, table, key, [name])),
  );
  return [
    ...inColumns,
    ...tableConstraints(examined)
      .filter(({ constraint }) => isForeign(constraint))
      .map(({ table, constraint }) =>
        foreignKey(examined, script, table, constraint, stringsOf(constraint.fk_attrs)),
      ),
  ];
}

/**
 * First to last columns of every index of a table: those of the catalog and those that the script
 * makes. Undefined: nobody knows the table.
 */
export function indexedColumns(
  script: readonly Examined[],
  table: SqlName,
): readonly (readonly string[])[] | undefined {
  const catalog = script[0]?.target.catalog?.relation(table)?.indexes.map(({ columns }) => columns);
  const made = script.flatMap((examined) => [
    ...builtBy(examined, table),
    ...keysBy(examined, table),
  ]);
  const isMade = script.some((examined) => makes(examined, table));
  return catalog === undefined && !isMade ? undefined : [...(catalog ?? []), ...made];
}

/** As SQL writes it; from the script, else from the catalog; undefined when neither knows. */
export function typeOfColumn(
  script: readonly Examined[],
  table: SqlName,
  column: string,
): string | undefined {
  const made = script
    .flatMap(newColumns)
    .find((each) => sameName(each.table, table) && each.name === column);
  if (made !== undefined) return plain(writePgType(made.type));
  const target = script[0]?.target;
  const known = target?.catalog?.relation(table)?.columns.find(({ name }) => name === column)?.type;
  const type =
    known === undefined || target === undefined ? undefined : parsePgType(target.parser, known);
  return type === undefined ? undefined : plain(writePgType(type));
}

/** A serial is an integer with a sequence; a length does not keep two columns from being compared. */
function plain(type: string): string {
  const serial: Readonly<Record<string, string>> = {
    serial: 'int4',
    serial4: 'int4',
    bigserial: 'int8',
    serial8: 'int8',
    smallserial: 'int2',
    serial2: 'int2',
  };
  return serial[type] ?? type.replace(/\(.*\)/, '');
}

function foreignKey(
  { target }: Examined,
  script: readonly Examined[],
  table: SqlName,
  key: Constraint,
  columns: readonly string[],
): ForeignKey {
  const referenced = nameOfRange(key.pktable);
  const written = stringsOf(key.pk_attrs);
  const known = target.catalog
    ?.relation(referenced)
    ?.constraints.find(({ kind }) => kind === 'primary-key')?.columns;
  const made = script.flatMap((each) => keysBy(each, referenced, 'CONSTR_PRIMARY'))[0];
  const referencedColumns = written.length > 0 ? written : (known ?? made ?? []);
  return { table, columns, referenced, referencedColumns };
}

function isForeign({ contype }: Constraint): boolean {
  return contype === 'CONSTR_FOREIGN';
}

function tableConstraints({ statement: { node } }: Examined) {
  if ('CreateStmt' in node) {
    const table = nameOfRange(node.CreateStmt.relation);
    return (node.CreateStmt.tableElts ?? []).flatMap((each) =>
      'Constraint' in each ? [{ table, constraint: each.Constraint }] : [],
    );
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = nameOfRange(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((cmd) => {
    const def = 'AlterTableCmd' in cmd ? cmd.AlterTableCmd.def : undefined;
    return def !== undefined && 'Constraint' in def ? [{ table, constraint: def.Constraint }] : [];
  });
}

function makes({ statement: { node } }: Examined, table: SqlName): boolean {
  return 'CreateStmt' in node && sameName(nameOfRange(node.CreateStmt.relation), table);
}

function builtBy({ statement: { node } }: Examined, table: SqlName): readonly string[][] {
  if (!('IndexStmt' in node) || !sameName(nameOfRange(node.IndexStmt.relation), table)) return [];
  const { indexParams = [] } = node.IndexStmt;
  return [indexParams.map((each) => ('IndexElem' in each ? (each.IndexElem.name ?? '') : ''))];
}

/** Columns of the primary keys and unique constraints that a statement adds. */
function keysBy(
  examined: Examined,
  table: SqlName,
  only?: Constraint['contype'],
): readonly (readonly string[])[] {
  const isKey = ({ contype }: Constraint) =>
    only === undefined
      ? contype === 'CONSTR_PRIMARY' || contype === 'CONSTR_UNIQUE'
      : contype === only;
  return [
    ...newColumns(examined)
      .filter((column) => sameName(column.table, table) && column.constraints.some(isKey))
      .map(({ name }) => [name]),
    ...tableConstraints(examined)
      .filter((each) => sameName(each.table, table) && isKey(each.constraint))
      .map(({ constraint }) => stringsOf(constraint.keys)),
  ];
}
