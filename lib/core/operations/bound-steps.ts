import { quoteName } from '../sql/sql-name.ts';
import type { StepDraft } from './lowered.ts';
import { derivedName } from './names.ts';
import { physicalTable, type SchemaModel, type TableModel } from './schema-model.ts';

/** A CHECK that a table has for a while, to prove what ATTACH PARTITION would otherwise read it for. */
export interface BoundCheckOn {
  readonly table: TableModel;
  readonly condition: string;
  /** Ends the ids of its steps. */
  readonly id: string;
}

export function boundSteps(
  model: SchemaModel,
  { table, condition, id }: BoundCheckOn,
): readonly StepDraft[] {
  const name = boundName(table);
  const sql = physicalTable(model, table);
  return [
    {
      kind: 'statement',
      id: `check_${id}`,
      sql: `alter table ${sql} add constraint ${name} check (${condition}) not valid`,
      // The last step of the operation may have dropped it.
      undo: { kind: 'statement', sql: `alter table ${sql} drop constraint if exists ${name}` },
    },
    {
      kind: 'statement',
      id: `validate_${id}`,
      sql: `alter table ${sql} validate constraint ${name}`,
      undo: { kind: 'nothing', why: 'the constraint itself is dropped' },
    },
  ];
}

export function dropBound(model: SchemaModel, { table, id }: BoundCheckOn): StepDraft {
  return {
    kind: 'statement',
    id: `drop_${id}`,
    sql: `alter table ${physicalTable(model, table)} drop constraint ${boundName(table)}`,
    undo: { kind: 'nothing', why: 'it was only there to save a scan' },
  };
}

function boundName(table: TableModel): string {
  return quoteName(derivedName(table.name, 'lk_bound'));
}
