import type { ColumnDef, Constraint, Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { earlierType } from '../earlier.ts';
import { change, combine, type Effect, lock, touched } from '../effect.ts';
import { isBuiltIn, isSerial, pgTypeOf } from '../pg-type.ts';
import { nameOfRange, type SqlName } from '../sql-name.ts';
import { volatilityOf } from '../volatility.ts';
import { foreignKeyScan } from './foreign-key.ts';
import { rewriteOf } from './relation-effect.ts';

/** ADD COLUMN: catalog only, unless its values differ from row to row or must be checked. */
export function addColumn(table: SqlName, column: ColumnDef, context: ClassifyContext): Effect {
  const constraints = constraintsOf(column);
  return combine([
    {
      objects: [change('create', 'column', { name: column.colname, schema: table.schema, table })],
    },
    ...reasonsToRewrite(column, constraints, context).map(({ why, certainty }) =>
      rewriteOf(context, table, why, certainty),
    ),
    ...constraints.map((constraint) => inlineConstraint(table, column, constraint, constraints)),
  ]);
}

function constraintsOf(column: ColumnDef): readonly Constraint[] {
  return (column.constraints ?? []).flatMap((node) =>
    'Constraint' in node ? [node.Constraint] : [],
  );
}

interface Reason {
  readonly why: string;
  readonly certainty: 'yes' | 'unknown';
}

function reasonsToRewrite(
  column: ColumnDef,
  constraints: readonly Constraint[],
  context: ClassifyContext,
): readonly Reason[] {
  const { name } = pgTypeOf(column.typeName);
  const yes = (why: string): Reason => ({ why, certainty: 'yes' });
  const unknown = (why: string): Reason => ({ why, certainty: 'unknown' });
  const reasons: Reason[] = [];
  if (isSerial(name)) reasons.push(yes('every row gets a number from the new sequence'));
  else if (!isBuiltIn(name)) {
    const constrained = isConstrained(name, context);
    if (constrained === true) reasons.push(yes('the domain has constraints'));
    if (constrained === undefined)
      reasons.push(unknown('the type may be a domain with constraints'));
  }
  for (const { contype, generated_kind: kind } of constraints) {
    if (contype === 'CONSTR_IDENTITY') reasons.push(yes('every row gets an identity value'));
    if (contype === 'CONSTR_GENERATED' && kind !== 'v') {
      reasons.push(yes('every row stores its generated value'));
    }
  }
  const value = defaultOf(constraints);
  const volatility = value === undefined ? 'stable' : volatilityOf(value, context);
  if (volatility === 'volatile') reasons.push(yes('the default is volatile: each row has its own'));
  if (volatility === 'unknown') reasons.push(unknown('the default may be volatile'));
  return reasons;
}

/** Undefined: nobody knows the type, so it may be a domain. */
function isConstrained(type: SqlName, context: ClassifyContext): boolean | undefined {
  return (earlierType(context, type) ?? context.catalog?.type(type))?.constrained;
}

function defaultOf(constraints: readonly Constraint[]): Node | undefined {
  const value = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr;
  const isNull = value !== undefined && 'A_Const' in value && value.A_Const.isnull === true;
  return isNull ? undefined : value;
}

function inlineConstraint(
  table: SqlName,
  column: ColumnDef,
  constraint: Constraint,
  all: readonly Constraint[],
): Effect {
  switch (constraint.contype) {
    case 'CONSTR_CHECK':
      return constraint.skip_validation === true
        ? {}
        : { scans: [touched(table, 'every row is checked')] };
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return {
        locks: [lock(table, 'ShareLock', 'a unique index is built')],
        scans: [touched(table, 'a unique index is built over all its rows')],
        ...(constraint.contype === 'CONSTR_PRIMARY' ? requiredOfWriters(column, all) : {}),
      };
    case 'CONSTR_FOREIGN': {
      const referenced = nameOfRange(constraint.pktable);
      const why = 'the new foreign key adds triggers to both tables';
      return combine([
        { locks: [table, referenced].map((side) => lock(side, 'ShareRowExclusiveLock', why)) },
        // Without a default the column is NULL in all rows, and NULL references nothing.
        defaultOf(all) === undefined ? {} : foreignKeyScan(table, referenced),
      ]);
    }
    case 'CONSTR_NOTNULL':
      return combine([
        requiredOfWriters(column, all),
        isFilled(column, all) ? {} : { scans: [touched(table, 'every row is checked for NULL')] },
      ]);
    default:
      return {};
  }
}

/** Existing rows get a value that the server knows not to be NULL. */
function isFilled(column: ColumnDef, constraints: readonly Constraint[]): boolean {
  return (
    isSerial(pgTypeOf(column.typeName).name) ||
    defaultOf(constraints) !== undefined ||
    constraints.some(({ contype }) => contype === 'CONSTR_IDENTITY')
  );
}

function requiredOfWriters(column: ColumnDef, constraints: readonly Constraint[]): Effect {
  const generated = constraints.some(({ contype }) => contype === 'CONSTR_GENERATED');
  if (generated || isFilled(column, constraints)) return {};
  return {
    breaks: `inserts that do not know column ${column.colname} fail: it is NOT NULL without a default`,
  };
}
