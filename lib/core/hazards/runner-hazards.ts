import { type Examined, type Finding, finding } from './finding.ts';

/** What belongs to the runner, and what nobody can see into. */
export function runnerHazards(examined: Examined): readonly Finding[] {
  const { classification, statement } = examined;
  if (classification.transactionControl) {
    const message = `${classification.statementKind} in a migration: the runner opens and ends the transactions`;
    return [finding(examined, 'transaction-nesting', 'error', message, 'remove it')];
  }
  if (!classification.understood) {
    const message = `nobody can tell what ${classification.statementKind} locks or changes, so it is treated as locking everything`;
    const safer = 'write its statements out as steps of their own';
    return [finding(examined, 'not-understood', 'warning', message, safer)];
  }
  const { node } = statement;
  const setting = 'VariableSetStmt' in node ? (node.VariableSetStmt.name ?? '') : '';
  if (!TIMEOUTS.has(setting.toLowerCase())) return [];
  const message = `${setting} in a migration: the runner sets it for each class of statement, and a short one kills a concurrent build halfway`;
  return [finding(examined, 'timeout-in-migration', 'error', message, 'remove it')];
}

const TIMEOUTS: ReadonlySet<string> = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
]);
