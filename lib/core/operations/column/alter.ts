import type { SqlParser } from '../../sql/parser.ts';
import { parsePgType } from '../../sql/pg-type.ts';
import { needsRewrite } from '../../sql/type-change.ts';
import { columnType } from '../column-type.ts';
import type { ColumnModel, TableModel } from '../schema-model.ts';
import type { AddableConstraint } from './constraint-steps.ts';

/** What `alter_column` asks for, defaults filled in from the column as it is. */
export interface AlterColumn {
  readonly table: TableModel;
  readonly column: ColumnModel;
  /** As format_type() prints it. */
  readonly type: string;
  readonly notNull: boolean;
  /** Null: none afterwards. Undefined: stays. */
  readonly default: string | null | undefined;
  readonly comment: string | null | undefined;
  readonly constraints: readonly AddableConstraint[];
}

export interface TypeChange {
  /** `catalog`: every stored value is valid as it is, so only the catalog changes. */
  readonly kind: 'none' | 'catalog' | 'rewrite';
  readonly type: string;
}

/** @param written the type as declared; undefined: it stays */
export function typeChangeOf(
  parser: SqlParser,
  column: ColumnModel,
  written: string | undefined,
): TypeChange {
  if (written === undefined) return { kind: 'none', type: column.type };
  const type = columnType(parser, written);
  if (type === column.type) return { kind: 'none', type };
  const [from, to] = [parsePgType(parser, column.type), parsePgType(parser, written)];
  const rewrite =
    from === undefined || to === undefined
      ? 'unknown'
      : needsRewrite(from, to, { timeZoneUtc: undefined });
  return { kind: rewrite === 'no' ? 'catalog' : 'rewrite', type };
}
