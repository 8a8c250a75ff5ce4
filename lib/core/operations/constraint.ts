import type { SqlName } from '../sql/sql-name.ts';
import type { ColumnDeclaration } from './column-format.ts';
import { derivedName } from './names.ts';
import { readRelationName } from './relation-name.ts';

/** A constraint that an operation makes; what its type does not have cannot be said. */
export type Constraint = CheckConstraint | KeyConstraint | ForeignKey | Exclusion;

export interface CheckConstraint {
  readonly kind: 'check';
  readonly name: string;
  readonly expression: string;
  readonly noInherit: boolean;
}

export interface KeyConstraint {
  readonly kind: 'unique' | 'primary-key';
  readonly name: string;
  readonly columns: readonly string[];
  readonly nullsNotDistinct: boolean;
  readonly index: IndexParameters;
  readonly deferral: Deferral;
}

export interface ForeignKey {
  readonly kind: 'foreign-key';
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: SqlName;
  readonly references: readonly string[];
  readonly onDelete: string;
  readonly onDeleteColumns: readonly string[];
  readonly onUpdate: string;
  readonly match: string;
  readonly deferral: Deferral;
}

export interface Exclusion {
  readonly kind: 'exclusion';
  readonly name: string;
  readonly method: string | undefined;
  readonly elements: string;
  readonly predicate: string | undefined;
  readonly index: IndexParameters;
  readonly deferral: Deferral;
}

export type Deferral = 'no' | 'initially immediate' | 'initially deferred';

export interface IndexParameters {
  readonly include: readonly string[];
  readonly storage: string | undefined;
  readonly tablespace: string | undefined;
}

const NO_PARAMETERS: IndexParameters = { include: [], storage: undefined, tablespace: undefined };

/** The constraints that a column brings; names that it does not say are PostgreSQL's own. */
export function columnConstraints(
  { name, unique, check, references }: ColumnDeclaration,
  table: string,
): readonly Constraint[] {
  return [
    ...(unique ? [keyOf('unique', derivedName(`${table}_${name}`, 'key'), [name])] : []),
    ...(check === undefined
      ? []
      : [
          {
            kind: 'check' as const,
            name: check.name,
            expression: check.constraint,
            noInherit: check.no_inherit,
          },
        ]),
    ...(references === undefined
      ? []
      : [
          {
            kind: 'foreign-key' as const,
            name: references.name,
            columns: [name],
            table: readRelationName(references.table),
            references: [references.column],
            onDelete: references.on_delete,
            onDeleteColumns: [],
            onUpdate: references.on_update,
            match: references.match_type,
            deferral: deferralOf(references),
          },
        ]),
  ];
}

export function keyOf(
  kind: KeyConstraint['kind'],
  name: string,
  columns: readonly string[],
): KeyConstraint {
  return { kind, name, columns, nullsNotDistinct: false, index: NO_PARAMETERS, deferral: 'no' };
}

export function deferralOf(declared: {
  readonly deferrable: boolean;
  readonly initially_deferred: boolean;
}): Deferral {
  if (declared.initially_deferred) return 'initially deferred';
  return declared.deferrable ? 'initially immediate' : 'no';
}
