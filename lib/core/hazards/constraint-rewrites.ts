import type { Constraint } from 'libpg-query';
import { quoteName, type SqlName, stringsOf, writeName } from '../sql/sql-name.ts';
import { columnOf, nodesNamed } from '../sql/walk.ts';
import { insertAfter } from './edit-sql.ts';
import type { SaferRewrite } from './finding.ts';
import { type Examined, sql, steps } from './rule.ts';

/** ADD CONSTRAINT ... NOT VALID, then VALIDATE. Ready where the statement adds nothing else. */
export function notValidThenValidated(
  { statement: { node, text }, target }: Examined,
  table: SqlName,
  constraint: Constraint,
): SaferRewrite {
  const name = constraint.conname ?? defaultName(table, constraint);
  const validate = `alter table ${writeName(table)} validate constraint ${quoteName(name)}`;
  const commands = 'AlterTableStmt' in node ? (node.AlterTableStmt.cmds ?? []) : [];
  if (commands.length !== 1) {
    return steps('add the constraint in a statement of its own, NOT VALID', validate);
  }
  const named =
    constraint.conname === undefined
      ? insertAfter(target.parser, text, 'add', `constraint ${quoteName(name)}`)
      : text;
  return sql(`${named} not valid`, validate);
}

/** A unique index that is built concurrently, and the constraint that takes it over. */
export function throughIndex(
  table: SqlName,
  constraint: Constraint,
  kind: 'unique' | 'primary key',
): SaferRewrite {
  const columns = stringsOf(constraint.keys);
  const suffix = kind === 'unique' ? 'key' : 'pkey';
  const index = quoteName(
    constraint.conname ?? [table.name, ...(kind === 'unique' ? columns : []), suffix].join('_'),
  );
  return sql(
    `create unique index concurrently ${index} on ${writeName(table)} (${columns.map(quoteName).join(', ')})`,
    `alter table ${writeName(table)} add constraint ${index} ${kind} using index ${index}`,
  );
}

/** As PostgreSQL itself would call it. */
function defaultName(table: SqlName, { contype, fk_attrs, raw_expr }: Constraint): string {
  return contype === 'CONSTR_FOREIGN'
    ? [table.name, ...stringsOf(fk_attrs), 'fkey'].join('_')
    : [table.name, ...columnsIn(raw_expr).slice(0, 1), 'check'].join('_');
}

function columnsIn(expression: Constraint['raw_expr']): readonly string[] {
  return nodesNamed(expression, 'ColumnRef').flatMap((ref) => columnOf({ ColumnRef: ref }) ?? []);
}
