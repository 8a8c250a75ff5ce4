import type { AlterTableType } from 'libpg-query';
import type { LockMode } from '../lock-mode.ts';

/** What is the same for every use of a sub-command. */
export interface AlterTableCommand {
  /** Kebab-case, as in `subcommands` of a classification. */
  readonly name: string;
  /** What AlterTableGetLockLevel asks for on the table itself. */
  readonly mode: LockMode;
  /** Why the old application may fail, where it may. */
  readonly breaks?: string;
  /** Why every row is written anew, where it is. */
  readonly rewrites?: string;
}

const exclusive = (name: string, breaks?: string): AlterTableCommand => ({
  name,
  mode: 'AccessExclusiveLock',
  ...(breaks === undefined ? {} : { breaks }),
});
const writers = (name: string, breaks?: string): AlterTableCommand => ({
  ...exclusive(name, breaks),
  mode: 'ShareRowExclusiveLock',
});
const nobody = (name: string): AlterTableCommand => ({ name, mode: 'ShareUpdateExclusiveLock' });
const rewriting = (name: string, why: string): AlterTableCommand => ({
  ...exclusive(name),
  rewrites: why,
});

const SECURITY = 'row security changes which rows a query sees';
const TRIGGERS = 'a trigger or foreign key that the application relies on no longer fires';

/** Every sub-command of ALTER TABLE; the compiler proves that none is missing. */
export const COMMANDS: Readonly<Record<AlterTableType, AlterTableCommand>> = {
  AT_AddColumn: exclusive('add-column'),
  AT_AddColumnToView: exclusive('add-column-to-view'),
  AT_ColumnDefault: exclusive('set-default'),
  AT_CookedColumnDefault: exclusive('set-default'),
  AT_DropNotNull: exclusive('drop-not-null', 'readers may meet a NULL they do not expect'),
  AT_SetNotNull: exclusive('set-not-null', 'writes of NULL fail'),
  AT_SetExpression: rewriting('set-expression', 'every row stores its new generated value'),
  AT_DropExpression: exclusive('drop-expression', 'the column is no longer computed'),
  AT_SetStatistics: nobody('set-statistics'),
  AT_SetOptions: nobody('set-column-options'),
  AT_ResetOptions: nobody('reset-column-options'),
  AT_SetStorage: exclusive('set-storage'),
  AT_SetCompression: exclusive('set-compression'),
  AT_DropColumn: exclusive('drop-column', 'queries that name the column fail'),
  AT_AddIndex: exclusive('add-index'),
  AT_ReAddIndex: exclusive('add-index'),
  AT_AddConstraint: exclusive('add-constraint'),
  AT_ReAddConstraint: exclusive('add-constraint'),
  AT_ReAddDomainConstraint: exclusive('add-constraint'),
  AT_AlterConstraint: exclusive('alter-constraint'),
  AT_ValidateConstraint: nobody('validate-constraint'),
  AT_AddIndexConstraint: exclusive('add-constraint'),
  AT_DropConstraint: exclusive('drop-constraint'),
  AT_ReAddComment: nobody('comment'),
  AT_AlterColumnType: exclusive('alter-column-type', 'the application reads another type'),
  AT_AlterColumnGenericOptions: exclusive('set-foreign-column-options'),
  AT_ChangeOwner: exclusive('owner-to', 'privileges of the former owner are gone'),
  AT_ClusterOn: nobody('cluster-on'),
  AT_DropCluster: nobody('set-without-cluster'),
  AT_SetLogged: rewriting('set-logged', 'every row is written to the log'),
  AT_SetUnLogged: rewriting('set-unlogged', 'every row is moved to an unlogged file'),
  AT_DropOids: exclusive('set-without-oids'),
  AT_SetAccessMethod: rewriting('set-access-method', 'every row is stored in another way'),
  AT_SetTableSpace: exclusive('set-tablespace'),
  AT_SetRelOptions: nobody('set-storage-parameters'),
  AT_ResetRelOptions: nobody('reset-storage-parameters'),
  AT_ReplaceRelOptions: exclusive('replace-storage-parameters'),
  AT_EnableTrig: writers('enable-trigger'),
  AT_EnableAlwaysTrig: writers('enable-always-trigger'),
  AT_EnableReplicaTrig: writers('enable-replica-trigger'),
  AT_DisableTrig: writers('disable-trigger', TRIGGERS),
  AT_EnableTrigAll: writers('enable-all-triggers'),
  AT_DisableTrigAll: writers('disable-all-triggers', TRIGGERS),
  AT_EnableTrigUser: writers('enable-user-triggers'),
  AT_DisableTrigUser: writers('disable-user-triggers', TRIGGERS),
  AT_EnableRule: exclusive('enable-rule'),
  AT_EnableAlwaysRule: exclusive('enable-always-rule'),
  AT_EnableReplicaRule: exclusive('enable-replica-rule'),
  AT_DisableRule: exclusive('disable-rule'),
  AT_AddInherit: exclusive('inherit'),
  AT_DropInherit: exclusive('no-inherit', 'queries of the parent no longer see its rows'),
  AT_AddOf: exclusive('of-type'),
  AT_DropOf: exclusive('not-of-type'),
  AT_ReplicaIdentity: exclusive('replica-identity'),
  AT_EnableRowSecurity: exclusive('enable-row-security', SECURITY),
  AT_DisableRowSecurity: exclusive('disable-row-security', SECURITY),
  AT_ForceRowSecurity: exclusive('force-row-security', SECURITY),
  AT_NoForceRowSecurity: exclusive('no-force-row-security', SECURITY),
  AT_GenericOptions: exclusive('set-foreign-options'),
  AT_AttachPartition: nobody('attach-partition'),
  AT_DetachPartition: exclusive('detach-partition'),
  AT_DetachPartitionFinalize: nobody('detach-partition-finalize'),
  AT_AddIdentity: exclusive('add-identity'),
  AT_SetIdentity: exclusive('set-identity'),
  AT_DropIdentity: exclusive('drop-identity', 'inserts no longer get a number'),
  AT_ReAddStatistics: nobody('statistics'),
};
