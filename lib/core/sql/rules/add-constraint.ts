import type { Constraint } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { change, combine, type Effect, lock, touched } from '../effect.ts';
import { nameOfRange, type SqlName, sameName, stringsOf } from '../sql-name.ts';
import { foreignKeyScan } from './foreign-key.ts';
import { notNullScan } from './not-null.ts';
import { factsOf } from './relation-effect.ts';

/**
 * ADD CONSTRAINT. NOT VALID leaves the existing rows unread; a foreign key takes SHARE ROW
 * EXCLUSIVE on both tables, everything else ACCESS EXCLUSIVE on its own.
 */
export function addConstraint(
  table: SqlName,
  constraint: Constraint,
  context: ClassifyContext,
): Effect {
  const object = change('create', 'constraint', {
    schema: table.schema,
    name: constraint.conname,
    table,
  });
  return combine([{ objects: [object] }, effectOf(table, constraint, context)]);
}

function effectOf(table: SqlName, constraint: Constraint, context: ClassifyContext): Effect {
  const exclusive: Effect = {
    locks: [lock(table, 'AccessExclusiveLock', 'a constraint is added')],
  };
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return constraint.skip_validation === true
        ? exclusive
        : combine([exclusive, { scans: [touched(table, 'every row is checked')] }]);
    case 'CONSTR_NOTNULL': {
      const [column = ''] = stringsOf(constraint.keys);
      return constraint.skip_validation === true
        ? exclusive
        : combine([exclusive, notNullScan(table, column, context, [])]);
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return combine([exclusive, uniqueness(table, constraint, context)]);
    case 'CONSTR_EXCLUSION':
      return combine([exclusive, indexBuild(table)]);
    case 'CONSTR_FOREIGN': {
      const referenced = nameOfRange(constraint.pktable);
      const why = 'the new foreign key adds triggers to both tables';
      return combine([
        { locks: [table, referenced].map((side) => lock(side, 'ShareRowExclusiveLock', why)) },
        constraint.skip_validation === true
          ? notValidReference(table, context)
          : foreignKeyScan(table, referenced),
      ]);
    }
    default:
      return { opaque: true };
  }
}

/** Partitioned tables have foreign keys that are NOT VALID since version 18 (its release notes). */
function notValidReference(table: SqlName, context: ClassifyContext): Effect {
  const isPartitioned = factsOf(context, table)?.kind === 'partitioned-table';
  return isPartitioned ? { requiresVersion: 18 } : {};
}

function indexBuild(table: SqlName): Effect {
  return {
    locks: [lock(table, 'ShareLock', 'its index is built')],
    scans: [touched(table, 'its index is built over all its rows')],
  };
}

function uniqueness(table: SqlName, constraint: Constraint, context: ClassifyContext): Effect {
  const { indexname } = constraint;
  if (indexname === undefined) return indexBuild(table);
  if (constraint.contype === 'CONSTR_UNIQUE') return {};
  // PRIMARY KEY USING INDEX sets NOT NULL on the columns that are not yet.
  const facts = factsOf(context, table);
  const index = facts?.indexes.find(({ name }) =>
    sameName(name, { schema: undefined, name: indexname }),
  );
  if (index === undefined) {
    return { scans: [touched(table, 'columns that may be NULL are checked', 'unknown')] };
  }
  return combine(index.columns.map((column) => notNullScan(table, column, context, [])));
}
