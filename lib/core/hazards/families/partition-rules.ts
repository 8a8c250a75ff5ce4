import type { AlterTableCmd, PartitionCmd } from 'libpg-query';
import { isEarlier } from '../../sql/earlier.ts';
import { nameOfRange, type SqlName, sameName, writeName } from '../../sql/sql-name.ts';
import { alterCommands } from '../alter-commands.ts';
import { always, type Examined, type StatementRule, sql, steps } from '../rule.ts';

/** Partitions come and go while the parent is in use. */
export const PARTITION_RULES: readonly StatementRule[] = [
  {
    id: 'attach-partition-scan',
    severity: always('error'),
    why: 'ATTACH PARTITION reads every row of the new partition under ACCESS EXCLUSIVE, unless a validated CHECK proves the bound',
    safer:
      'a CHECK with the bound on the new partition first: NOT VALID, VALIDATE, then ATTACH, then drop it',
    source:
      'MigrationPilot MP093, MP094; pgfence; PostgreSQL documentation, Table Partitioning; measured',
    find: (examined) =>
      partitionCommands(examined, 'AT_AttachPartition')
        .filter(({ child }) => scanned(examined, child) && !isEarlier(examined.target, child))
        .map(({ child }) => ({
          message: `every row of ${writeName(child)} is checked against the bound`,
          relation: child,
          work: 'scan',
        })),
  },
  {
    id: 'attach-partition-default-scan',
    severity: always('error'),
    why: 'no row of a new partition may be in the default one, which is read under ACCESS EXCLUSIVE to know it',
    safer:
      'a CHECK on the default partition that excludes the bound: NOT VALID, VALIDATE, then ATTACH, then drop it',
    source: 'MigrationPilot MP093, MP094; pgfence; measured',
    find: (examined) => {
      const { classification, target } = examined;
      const why = 'no row of the new partition may be in the default one';
      return classification.scans
        .filter((scan) => scan.why === why && !isEarlier(target, scan.relation))
        .map(({ relation }) => ({
          message: `the default partition ${writeName(relation)} is read while nobody can use it`,
          relation,
          work: 'scan',
        }));
    },
  },
  {
    id: 'detach-partition-not-concurrent',
    severity: always('error'),
    why: 'DETACH PARTITION takes ACCESS EXCLUSIVE on the parent, the partition and the default partition',
    safer:
      'DETACH PARTITION ... CONCURRENTLY, since version 14; it is refused where there is a default partition',
    source: 'squawk require-concurrent-partition-detach; MigrationPilot MP046; measured',
    find: (examined) =>
      partitionCommands(examined, 'AT_DetachPartition')
        .filter(({ concurrent }) => !concurrent)
        .map(({ parent, child }) => ({
          message: `all queries of ${writeName(parent)} wait while ${writeName(child)} is detached`,
          relation: parent,
          saferRewrite: detach(examined, parent),
        })),
  },
  {
    id: 'create-partition-of',
    severity: always('error'),
    why: 'CREATE TABLE ... PARTITION OF takes ACCESS EXCLUSIVE on the parent, where ATTACH takes a lock that stops nobody',
    safer: 'CREATE TABLE ... (LIKE parent INCLUDING ALL), then ALTER TABLE parent ATTACH PARTITION',
    source: 'pgfence; PostgreSQL documentation, Table Partitioning; measured',
    find: ({ statement: { node }, target }) => {
      if (!('CreateStmt' in node) || node.CreateStmt.partbound === undefined) return [];
      const [first] = node.CreateStmt.inhRelations ?? [];
      const parent = nameOfRange(
        first !== undefined && 'RangeVar' in first ? first.RangeVar : undefined,
      );
      return isEarlier(target, parent)
        ? []
        : [
            {
              message: `all queries of ${writeName(parent)} wait for the new partition`,
              relation: parent,
            },
          ];
    },
  },
];

interface Partition {
  readonly parent: SqlName;
  readonly child: SqlName;
  readonly concurrent: boolean;
}

function partitionCommands(
  examined: Examined,
  wanted: AlterTableCmd['subtype'],
): readonly Partition[] {
  const { node } = examined.statement;
  if ('AlterTableStmt' in node && node.AlterTableStmt.objtype === 'OBJECT_INDEX') return [];
  const { table: parent, commands } = alterCommands(examined);
  return commands.flatMap(({ subtype, def }) => {
    if (subtype !== wanted || def === undefined || !('PartitionCmd' in def)) return [];
    const { name, concurrent }: PartitionCmd = def.PartitionCmd;
    return [{ parent, child: nameOfRange(name), concurrent: concurrent === true }];
  });
}

function scanned({ classification }: Examined, child: SqlName): boolean {
  return classification.scans.some(({ relation }) => sameName(relation, child));
}

function detach({ target, statement }: Examined, parent: SqlName) {
  const hasDefault = target.catalog?.relation(parent)?.partitioning?.defaultPartition !== undefined;
  if (hasDefault || target.serverVersion < 14) {
    return steps('detach it in a transaction of its own, with a short lock_timeout and retries');
  }
  return sql(`${statement.text} concurrently`);
}
