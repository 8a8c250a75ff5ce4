import { nameOfRange } from '../../sql/sql-name.ts';
import type { TableCommand } from './alter-table.ts';
import { type Conversion, converted, relationText } from './conversion.ts';

/** ATTACH and DETACH PARTITION, REPLICA IDENTITY; undefined for any other command. */
export function convertPartitionCommand(given: TableCommand): Conversion | undefined {
  const { command, sql } = given;
  const table = relationText(given.table);
  const { def } = command;
  const partition =
    def !== undefined && 'PartitionCmd' in def ? nameOfRange(def.PartitionCmd.name) : undefined;
  switch (command.subtype) {
    case 'AT_AttachPartition':
      if (partition === undefined) return undefined;
      return converted(
        'attach_partition',
        {
          table,
          partition: relationText(partition),
          bound: sql.has('for', 'values')
            ? `FOR VALUES ${sql.after(['for', 'values'])?.text}`
            : 'DEFAULT',
        },
        'a constraint that proves the bound is validated first, so that nothing is scanned under a lock',
      );
    case 'AT_DetachPartition':
      if (partition === undefined) return undefined;
      return converted(
        'detach_partition',
        { table, partition: relationText(partition) },
        'detached concurrently; it stays as a table of its own',
      );
    case 'AT_ReplicaIdentity': {
      if (def === undefined || !('ReplicaIdentityStmt' in def)) return undefined;
      const { identity_type: kind, name } = def.ReplicaIdentityStmt;
      const types: Readonly<Record<string, string>> = { d: 'default', f: 'full', n: 'nothing' };
      return converted('set_replica_identity', {
        table,
        identity: kind === 'i' ? { type: 'index', index: name } : { type: types[kind ?? 'd'] },
      });
    }
    default:
      return undefined;
  }
}
