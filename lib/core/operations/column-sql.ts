import { quoteName } from '../sql/sql-name.ts';
import type { ColumnDeclaration } from './column-format.ts';
import { columnType, isSerialType } from './column-type.ts';
import { isClosed, isExpression, isOneStatement, isType } from './fragments.ts';
import { derivedName } from './names.ts';
import { type LoweringContext, type Refusal, refuse } from './operation-kind.ts';
import type { ColumnModel } from './schema-model.ts';

export interface ColumnSqlOptions {
  /** What the column is called in the statement. @default - as declared */
  readonly name?: string;
  /** Whether it may be NULL. @default - as declared */
  readonly nullable?: boolean;
  /** @default true */
  readonly withDefault?: boolean;
}

/**
 * A column as CREATE TABLE and ADD COLUMN write it: name, type, default, generation, NOT NULL. Its
 * constraints are not part of it: `columnConstraints` in constraint-sql.ts has them.
 */
export function columnDefinition(
  column: ColumnDeclaration,
  { name = column.name, nullable = isNullable(column), withDefault = true }: ColumnSqlOptions = {},
): string {
  return [
    quoteName(name),
    column.type,
    ...(column.default === undefined || !withDefault ? [] : [`default ${column.default}`]),
    ...generation(column),
    ...(nullable ? [] : ['not null']),
  ].join(' ');
}

/** A primary key is never NULL, whatever is written about it. */
function isNullable({ nullable, pk }: ColumnDeclaration): boolean {
  return nullable && !pk;
}

function generation({ generated }: ColumnDeclaration): readonly string[] {
  if (generated?.expression !== undefined) {
    return [`generated always as (${generated.expression}) stored`];
  }
  if (generated?.identity === undefined) return [];
  const { user_specified_values: values, sequence_options: options } = generated.identity;
  const sequence = options === undefined || options.trim() === '' ? '' : ` (${options})`;
  return [`generated ${values.toLowerCase()} as identity${sequence}`];
}

/** The column as the catalog will describe it. */
export function declaredColumn(
  column: ColumnDeclaration,
  table: string,
  { parser }: Pick<LoweringContext, 'parser'>,
): ColumnModel {
  const serial = isSerialType(parser, column.type);
  const sequence = quoteName(derivedName(`${table}_${column.name}`, 'seq')).replaceAll("'", "''");
  return {
    name: column.name,
    physicalName: column.name,
    type: columnType(parser, column.type),
    notNull: serial || !isNullable(column) || column.generated?.identity !== undefined,
    default: column.default ?? (serial ? `nextval('${sequence}'::regclass)` : undefined),
    generated: column.generated?.expression,
    identity: identityOf(column),
    collation: undefined,
    comment: column.comment,
    changed: false,
  };
}

function identityOf({ generated }: ColumnDeclaration): ColumnModel['identity'] {
  if (generated?.identity === undefined) return undefined;
  return generated.identity.user_specified_values === 'ALWAYS' ? 'always' : 'by default';
}

/** What cannot be read as the SQL that it should be; the path starts inside the column. */
export function refuseColumn(
  column: ColumnDeclaration,
  { parser }: Pick<LoweringContext, 'parser'>,
): Refusal | undefined {
  const named = `of column ${quoteName(column.name)}`;
  if (!isType(parser, column.type)) {
    return refuse(`the type ${named} is not a type: ${column.type}`, {
      path: ['type'],
      fix: 'write the type alone; default, collation and constraints have keys of their own',
    });
  }
  const expressions = [
    ['default', column.default, ['default']],
    ['check', column.check?.constraint, ['check', 'constraint']],
    ['expression', column.generated?.expression, ['generated', 'expression']],
  ] as const;
  for (const [what, text, path] of expressions) {
    if (text !== undefined && !isExpression(parser, text)) {
      return refuse(`the ${what} ${named} is not an SQL expression: ${text}`, {
        path,
        ...(what === 'default' ? { fix: `a text needs its quotes: '${text}'` } : {}),
      });
    }
  }
  const sequence = column.generated?.identity?.sequence_options ?? '';
  const sql = `create table t (${columnDefinition(column)})`;
  if (!isClosed(parser, sequence) || !isOneStatement(parser, sql, 'CreateStmt')) {
    return column.generated?.identity === undefined
      ? refuse(`the default ${named} needs brackets: ${column.default}`, {
          path: ['default'],
          fix: `(${column.default})`,
        })
      : refuse(`the sequence options ${named} are not those of CREATE SEQUENCE`, {
          path: ['generated', 'identity', 'sequence_options'],
          fix: 'write such as START WITH 10 INCREMENT BY 2',
        });
  }
  return column.references?.match_type === 'PARTIAL'
    ? refuse(`PostgreSQL has no MATCH PARTIAL, for the foreign key ${named}`, {
        path: ['references', 'match_type'],
        fix: 'write SIMPLE or FULL',
      })
    : undefined;
}
