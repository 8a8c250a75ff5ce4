import type { AlterTableCmd } from 'libpg-query';
import type { ClassifyContext, ConstraintFacts } from '../catalog.ts';
import { change, type Effect, lock, touched } from '../effect.ts';
import { type SqlName, writeName } from '../sql-name.ts';
import { foreignKeyScan } from './foreign-key.ts';
import { factsOf } from './relation-effect.ts';

/** VALIDATE CONSTRAINT: reads all rows under a lock that stops nobody. */
export function validateConstraint(table: SqlName, name: string, context: ClassifyContext): Effect {
  const constraint = constraintNamed(table, name, context);
  const object = change('alter', 'constraint', { schema: table.schema, name, table });
  const scan: Effect =
    constraint?.references === undefined
      ? { scans: [touched(table, 'every row is checked')] }
      : foreignKeyScan(table, constraint.references);
  return { ...scan, objects: [object], online: true, mayLockMore: constraint === undefined };
}

/** DROP CONSTRAINT. A foreign key's triggers stand on both tables, so both are locked. */
export function dropConstraint(
  table: SqlName,
  { name = '', behavior }: AlterTableCmd,
  context: ClassifyContext,
): Effect {
  const constraint = constraintNamed(table, name, context);
  const cascade = behavior === 'DROP_CASCADE';
  return {
    objects: [change('drop', 'constraint', { schema: table.schema, name, table })],
    destructive: [{ kind: 'drop', what: `constraint ${name} of ${writeName(table)}`, cascade }],
    mayLockMore: constraint === undefined,
    locks: constraint === undefined ? [] : otherTables(table, constraint, cascade, context),
  };
}

/** DROP COLUMN also drops the constraints and foreign keys that use it. */
export function dropColumn(
  table: SqlName,
  { name = '', behavior }: AlterTableCmd,
  context: ClassifyContext,
): Effect {
  const facts = factsOf(context, table);
  const cascade = behavior === 'DROP_CASCADE';
  const affected = (facts?.constraints ?? []).filter(({ columns }) => columns.includes(name));
  return {
    objects: [change('drop', 'column', { schema: table.schema, name, table })],
    destructive: [{ kind: 'drop', what: `column ${writeName(table)}.${name}`, cascade }],
    mayLockMore: facts === undefined,
    locks: affected.flatMap((each) => otherTables(table, each, cascade, context)),
  };
}

function otherTables(
  table: SqlName,
  { references, kind }: ConstraintFacts,
  cascade: boolean,
  context: ClassifyContext,
) {
  const referenced =
    references === undefined
      ? []
      : [lock(references, 'AccessExclusiveLock', 'it is referenced by the dropped foreign key')];
  const isKey = kind === 'primary-key' || kind === 'unique';
  const referencing = isKey && cascade ? (factsOf(context, table)?.referencedBy ?? []) : [];
  const why = 'its foreign key is dropped with the key it points to';
  return [...referenced, ...referencing.map((each) => lock(each, 'AccessExclusiveLock', why))];
}

function constraintNamed(
  table: SqlName,
  wanted: string,
  context: ClassifyContext,
): ConstraintFacts | undefined {
  return factsOf(context, table)?.constraints.find(({ name }) => name === wanted);
}
