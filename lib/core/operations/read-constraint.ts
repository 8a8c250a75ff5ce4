import type { SqlParser } from '../sql/parser.ts';
import {
  type Constraint,
  type Deferral,
  deferralOf,
  type Exclusion,
  type ForeignKey,
  type IndexParameters,
} from './constraint.ts';
import type { ConstraintDeclaration } from './constraint-format.ts';
import { isClosed, isExpression, isOneStatement } from './fragments.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { readRelationName } from './relation-name.ts';

/** Which of the optional keys a type of constraint can have; `columns` of a check are for pgroll. */
const MEANINGFUL = {
  unique: ['columns', 'nulls_not_distinct', 'deferrable', 'initially_deferred', 'index_parameters'],
  primary_key: ['columns', 'deferrable', 'initially_deferred', 'index_parameters'],
  check: ['columns', 'check', 'no_inherit'],
  foreign_key: ['columns', 'references', 'deferrable', 'initially_deferred'],
  exclude: ['exclude', 'deferrable', 'initially_deferred', 'index_parameters'],
} as const;
const NEEDED = {
  unique: 'columns',
  primary_key: 'columns',
  check: 'check',
  foreign_key: 'references',
  exclude: 'exclude',
} as const;
const OPTIONAL = [
  'columns',
  'check',
  'references',
  'exclude',
  'deferrable',
  'initially_deferred',
  'nulls_not_distinct',
  'no_inherit',
  'index_parameters',
] as const;

/** Reads a declared constraint; the path of a refusal starts inside it. */
export function readConstraint(
  declared: ConstraintDeclaration,
  parser: SqlParser,
): Constraint | Refusal {
  const { name, type } = declared;
  const meaningful: readonly string[] = MEANINGFUL[type];
  const stray = OPTIONAL.find((key) => isGiven(declared[key]) && !meaningful.includes(key));
  if (stray !== undefined) {
    return refuse(`${stray} means nothing for the ${type} constraint ${name}`, { path: [stray] });
  }
  const needed = NEEDED[type];
  if (!isGiven(declared[needed])) {
    return refuse(`the ${type} constraint ${name} needs ${needed}`, { path: [needed] });
  }
  const storage = declared.index_parameters?.storage_parameters ?? '';
  if (!isClosed(parser, storage)) {
    return refuse(`the storage parameters of ${name} are not such as fillfactor = 70: ${storage}`, {
      path: ['index_parameters', 'storage_parameters'],
    });
  }
  const { columns = [], check = '', exclude } = declared;
  const deferral = deferralOf(declared);
  const index = indexOf(declared);
  switch (type) {
    case 'check':
      return isExpression(parser, check)
        ? { kind: 'check', name, expression: check, noInherit: declared.no_inherit }
        : refuse(`the check ${name} is not an SQL expression: ${check}`, { path: ['check'] });
    case 'unique':
    case 'primary_key': {
      const kind = type === 'unique' ? 'unique' : 'primary-key';
      const nullsNotDistinct = declared.nulls_not_distinct;
      return { kind, name, columns, nullsNotDistinct, index, deferral };
    }
    case 'foreign_key':
      return foreignKeyOf(declared, columns, deferral);
    case 'exclude':
      return exclusionOf(
        {
          kind: 'exclusion',
          name,
          method: nonEmpty(exclude?.index_method),
          elements: exclude?.elements ?? '',
          predicate: nonEmpty(exclude?.predicate),
          index,
          deferral,
        },
        parser,
      );
  }
}

function foreignKeyOf(
  { name, references }: ConstraintDeclaration,
  columns: readonly string[],
  deferral: Deferral,
): ForeignKey | Refusal {
  const referenced = references?.columns ?? [];
  if (columns.length !== referenced.length) {
    const counts = `${columns.length} and ${referenced.length}`;
    return refuse(`the foreign key ${name} needs as many columns as it references: ${counts}`, {
      path: ['references', 'columns'],
    });
  }
  if (references?.match_type === 'PARTIAL') return noMatchPartial(name);
  return {
    kind: 'foreign-key',
    name,
    columns,
    table: readRelationName(references?.table ?? ''),
    references: referenced,
    onDelete: references?.on_delete ?? 'NO ACTION',
    onDeleteColumns: references?.on_delete_set_columns ?? [],
    onUpdate: references?.on_update ?? 'NO ACTION',
    match: references?.match_type ?? 'SIMPLE',
    deferral,
  };
}

function noMatchPartial(name: string): Refusal {
  return refuse(`PostgreSQL has no MATCH PARTIAL, for the foreign key ${name}`, {
    path: ['references', 'match_type'],
    fix: 'write SIMPLE or FULL',
  });
}

function exclusionOf(exclusion: Exclusion, parser: SqlParser): Exclusion | Refusal {
  const { elements, predicate, name } = exclusion;
  const where = predicate === undefined ? '' : ` where (${predicate})`;
  const sql = `alter table t add exclude (${elements})${where}`;
  const closed = isClosed(parser, elements) && isClosed(parser, predicate ?? '');
  return closed && isOneStatement(parser, sql, 'AlterTableStmt')
    ? exclusion
    : refuse(`the exclusion constraint ${name} is not SQL: ${elements}${where}`, {
        path: ['exclude'],
        fix: 'write elements such as room WITH =, during WITH &&',
      });
}

function indexOf({ index_parameters: given }: ConstraintDeclaration): IndexParameters {
  return {
    include: given?.include_columns ?? [],
    storage: nonEmpty(given?.storage_parameters),
    tablespace: nonEmpty(given?.tablespace),
  };
}

/** pgroll writes empty texts, lists and mappings for what is not there. */
function isGiven(value: unknown): boolean {
  if (value === undefined || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value ?? {}).length > 0;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
