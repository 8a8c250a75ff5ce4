import { addColumn } from './add-column.ts';
import { addEnumValue } from './add-enum-value.ts';
import { alterColumn } from './alter-column.ts';
import { attachPartition } from './attach-partition.ts';
import { createConstraint } from './create-constraint.ts';
import { createIndex } from './create-index.ts';
import { createTable } from './create-table.ts';
import { detachPartition } from './detach-partition.ts';
import { dropColumn } from './drop-column.ts';
import { dropConstraint } from './drop-constraint.ts';
import { dropIndex } from './drop-index.ts';
import { dropMulticolumnConstraint } from './drop-multicolumn-constraint.ts';
import { dropTable } from './drop-table.ts';
import { extractTable } from './extract-table.ts';
import type { OperationKind } from './operation-kind.ts';
import { renameColumn } from './rename-column.ts';
import { renameConstraint } from './rename-constraint.ts';
import { renameTable } from './rename-table.ts';
import { replaceIndex } from './replace-index.ts';
import { setReplicaIdentity } from './set-replica-identity.ts';
import { sql } from './sql.ts';

/** Every operation that `operations` of a migration can have. */
export const OPERATIONS: readonly OperationKind[] = [
  createTable,
  dropTable,
  renameTable,
  addColumn,
  dropColumn,
  renameColumn,
  alterColumn,
  createIndex,
  replaceIndex,
  dropIndex,
  createConstraint,
  dropConstraint,
  dropMulticolumnConstraint,
  renameConstraint,
  addEnumValue,
  attachPartition,
  detachPartition,
  setReplicaIdentity,
  extractTable,
  sql,
];

const BY_NAME = new Map(OPERATIONS.map((operation) => [operation.name, operation]));

export function findOperation(name: string): OperationKind | undefined {
  return BY_NAME.get(name);
}

/** @param name of a declared operation, which the format accepted */
export function operationNamed(name: string): OperationKind {
  const operation = BY_NAME.get(name);
  if (operation === undefined) throw new TypeError(`no operation ${name}`);
  return operation;
}
