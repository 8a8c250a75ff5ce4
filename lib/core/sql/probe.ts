import type { AlterTableStmt, DropStmt, IndexStmt, Node } from 'libpg-query';
import { nameOfParts, nameOfRange, stringsOf } from './sql-name.ts';

/** What in the catalog tells that a statement outside a transaction, or a lost one, has been done. */
export type CatalogProbe =
  | {
      readonly kind: 'index-valid';
      readonly schema?: string;
      readonly index: string;
      readonly table: string;
    }
  | { readonly kind: 'index-absent'; readonly schema?: string; readonly index: string }
  | {
      readonly kind: 'constraint-validated';
      readonly schema?: string;
      readonly table: string;
      readonly constraint: string;
    }
  | {
      readonly kind: 'partition-detached';
      readonly schema?: string;
      /** The former parent. */
      readonly table: string;
      readonly partitionSchema?: string;
      readonly partition: string;
    };

/**
 * The probe of a statement that the runner cannot record in its own transaction; undefined where
 * the catalog looks the same before and after (VACUUM, REINDEX CONCURRENTLY), where the name is
 * left to the server, and for statements that commit together with their record.
 */
export function probeFor({ node }: { readonly node: Node }): CatalogProbe | undefined {
  if ('IndexStmt' in node) return builtIndex(node.IndexStmt);
  if ('DropStmt' in node) return droppedIndex(node.DropStmt);
  return 'AlterTableStmt' in node ? altered(node.AlterTableStmt) : undefined;
}

function builtIndex({ idxname, relation, concurrent }: IndexStmt): CatalogProbe | undefined {
  if (concurrent !== true || idxname === undefined) return undefined;
  const { schema, name } = nameOfRange(relation);
  return { kind: 'index-valid', ...inSchema(schema), index: idxname, table: name };
}

function droppedIndex({ concurrent, objects = [] }: DropStmt): CatalogProbe | undefined {
  // Concurrently, only one index can be dropped at a time.
  const [object] = objects;
  if (concurrent !== true || object === undefined || !('List' in object)) return undefined;
  const { schema, name } = nameOfParts(stringsOf(object.List.items));
  return { kind: 'index-absent', ...inSchema(schema), index: name };
}

function altered({ relation, cmds = [] }: AlterTableStmt): CatalogProbe | undefined {
  const [only, another] = cmds;
  if (only === undefined || another !== undefined || !('AlterTableCmd' in only)) return undefined;
  const { subtype, name: constraint, def } = only.AlterTableCmd;
  const { schema, name: table } = nameOfRange(relation);
  if (subtype === 'AT_ValidateConstraint' && constraint !== undefined) {
    return { kind: 'constraint-validated', ...inSchema(schema), table, constraint };
  }
  if (subtype !== 'AT_DetachPartition' || def === undefined || !('PartitionCmd' in def)) {
    return undefined;
  }
  const partition = nameOfRange(def.PartitionCmd.name);
  return def.PartitionCmd.concurrent === true
    ? {
        kind: 'partition-detached',
        ...inSchema(schema),
        table,
        ...(partition.schema === undefined ? {} : { partitionSchema: partition.schema }),
        partition: partition.name,
      }
    : undefined;
}

function inSchema(schema: string | undefined): { readonly schema?: string } {
  return schema === undefined ? {} : { schema };
}
