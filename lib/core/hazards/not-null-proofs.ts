import type { AlterTableCmd, AlterTableStmt, Constraint } from 'libpg-query';
import { nameOfRange, type SqlName, sameName, stringsOf } from '../sql/sql-name.ts';
import { columnOf, conjuncts } from '../sql/walk.ts';
import type { Examined } from './rule.ts';

/** A constraint of the script that says which columns are not NULL; the catalog learns of it later. */
export interface NotNullProof {
  readonly table: SqlName;
  readonly constraint: string;
  readonly columns: readonly string[];
  /** Whether all rows have been read; until then it proves nothing. */
  readonly validated: boolean;
}

/** What is proven after a statement, given what was before it. */
export function proofsAfter(
  proofs: readonly NotNullProof[],
  { node }: Examined['statement'],
): readonly NotNullProof[] {
  if (!('AlterTableStmt' in node)) return proofs;
  const { relation, cmds = [] }: AlterTableStmt = node.AlterTableStmt;
  const table = nameOfRange(relation);
  const commands = cmds.flatMap((each) => ('AlterTableCmd' in each ? [each.AlterTableCmd] : []));
  return commands.reduce((known, command) => applied(known, table, command), proofs);
}

/** Whether SET NOT NULL need not read the table, because an earlier statement did. */
export function isProven(proofs: readonly NotNullProof[], table: SqlName, column: string): boolean {
  return proofs.some(
    (proof) => proof.validated && sameName(proof.table, table) && proof.columns.includes(column),
  );
}

function applied(
  proofs: readonly NotNullProof[],
  table: SqlName,
  { subtype, name, def }: AlterTableCmd,
): readonly NotNullProof[] {
  const isNamed = (proof: NotNullProof) =>
    sameName(proof.table, table) && proof.constraint === name;
  switch (subtype) {
    case 'AT_DropConstraint':
      return proofs.filter((proof) => !isNamed(proof));
    case 'AT_ValidateConstraint':
      return proofs.map((proof) => (isNamed(proof) ? { ...proof, validated: true } : proof));
    case 'AT_AddConstraint':
      return def !== undefined && 'Constraint' in def
        ? [...proofs, ...proofOf(table, def.Constraint)]
        : proofs;
    default:
      return proofs;
  }
}

function proofOf(table: SqlName, constraint: Constraint): readonly NotNullProof[] {
  const { conname = '', skip_validation } = constraint;
  const columns = provenBy(constraint);
  const validated = skip_validation !== true;
  return columns.length === 0 ? [] : [{ table, constraint: conname, columns, validated }];
}

function provenBy({ contype, raw_expr, keys }: Constraint): readonly string[] {
  if (contype === 'CONSTR_NOTNULL') return stringsOf(keys);
  if (contype !== 'CONSTR_CHECK' || raw_expr === undefined) return [];
  return conjuncts(raw_expr).flatMap((term) =>
    'NullTest' in term && term.NullTest.nulltesttype === 'IS_NOT_NULL'
      ? (columnOf(term.NullTest.arg) ?? [])
      : [],
  );
}
