import type { Node, VariableSetStmt } from 'libpg-query';
import type { StatementEffect } from '../effect.ts';
import type { Rules } from './rule.ts';

/** Statements about the session or the transaction, which the runner owns. */
export const SESSION_RULES: Rules = {
  TransactionStmt: ({ kind = 'TRANS_STMT_BEGIN' }) => ({
    statementKind: kind.replace('TRANS_STMT_', '').toLowerCase().replaceAll('_', '-'),
    transactionControl: true,
    outsideTransaction: kind.endsWith('_PREPARED'),
  }),
  VariableSetStmt: ({ kind }) => setting(kind?.startsWith('VAR_RESET') ? 'reset' : 'set'),
  VariableShowStmt: () => ({ statementKind: 'show' }),
  DiscardStmt: ({ target }) => ({
    ...setting('discard'),
    outsideTransaction: target === 'DISCARD_ALL',
  }),
  ConstraintsSetStmt: () => setting('set-constraints'),
  DeallocateStmt: () => setting('deallocate'),
  ListenStmt: () => setting('listen'),
  UnlistenStmt: () => setting('unlisten'),
  NotifyStmt: () => ({ statementKind: 'notify' }),
  CheckPointStmt: () => ({ statementKind: 'checkpoint', mayRunLong: true }),
  AlterSystemStmt: () => ({ statementKind: 'alter-system', outsideTransaction: true }),
};

/** Whether a SET of the time zone makes it UTC; undefined for any other statement. */
export function timeZoneSetBy(node: Node): boolean | undefined {
  if (!('VariableSetStmt' in node)) return undefined;
  const { name, kind, args = [] }: VariableSetStmt = node.VariableSetStmt;
  if (name?.toLowerCase() !== 'timezone') return undefined;
  if (kind !== 'VAR_SET_VALUE') return false;
  const [value] = args;
  const text = value !== undefined && 'A_Const' in value ? value.A_Const.sval?.sval : undefined;
  return UTC_NAMES.has((text ?? '').toLowerCase());
}

const UTC_NAMES: ReadonlySet<string> = new Set(['utc', 'etc/utc', 'gmt', 'etc/gmt', 'z', 'zulu']);

function setting(statementKind: string): StatementEffect {
  return { statementKind, sessionSetting: true };
}
