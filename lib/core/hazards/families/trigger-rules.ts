import { isEarlier } from '../../sql/earlier.ts';
import { blockedBy } from '../../sql/lock-conflicts.ts';
import { writeName } from '../../sql/sql-name.ts';
import { alterCommands } from '../alter-commands.ts';
import { always, inPhases, type StatementRule } from '../rule.ts';

/** Triggers, and locks that are asked for by name. */
export const TRIGGER_RULES: readonly StatementRule[] = [
  {
    id: 'create-trigger',
    // Expand adds the triggers that keep both shapes in sync: that is what it is for.
    severity: inPhases('info', { expand: 'silent', plain: 'warning' }),
    why: 'CREATE TRIGGER takes SHARE ROW EXCLUSIVE: writes wait for a moment, and every write runs the trigger from then on',
    safer: 'in a transaction of its own, with a short lock_timeout and retries',
    source: 'MigrationPilot MP064, MP090; pgfence; measured',
    find: ({ classification, target }) =>
      classification.objects
        .filter(({ change, kind }) => change === 'create' && kind === 'trigger')
        .filter(({ table }) => table !== undefined && !isEarlier(target, table))
        .map(({ table }) => ({
          message: `writes to ${table === undefined ? 'it' : writeName(table)} wait, and run the trigger afterwards`,
          relation: table,
        })),
  },
  {
    id: 'disable-trigger',
    severity: inPhases('error', { contract: 'info', finalize: 'info', plain: 'warning' }),
    why: 'what the trigger guards or keeps in sync is not, and ALL also disables the checks of foreign keys',
    safer: 'disable one trigger by name, in contract, when the application that needs it is gone',
    source: 'MigrationPilot MP064, MP090; pgfence',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      return commands.flatMap(({ subtype = '', name }) => {
        if (!subtype.startsWith('AT_DisableTrig')) return [];
        const all = subtype === 'AT_DisableTrigAll';
        const message = all
          ? `no trigger of ${writeName(table)} fires, those of foreign keys among them`
          : `${name ?? 'user triggers'} of ${writeName(table)} no longer fires`;
        return [{ message, relation: table, ...(all ? { severity: 'error' as const } : {}) }];
      });
    },
  },
  {
    id: 'explicit-lock',
    severity: always('warning'),
    why: 'LOCK TABLE keeps a strong lock until the transaction ends, whatever else it does',
    safer: 'leave the lock to the statement that needs it',
    source: 'PostgreSQL documentation, LOCK; measured',
    find: ({ classification }) => {
      const { statementKind, locks, strongestLock } = classification;
      if (statementKind !== 'lock-table' || strongestLock === undefined) return [];
      const what = blockedBy(strongestLock);
      return what === 'reads and writes' || what === 'writes'
        ? [{ message: `${what} wait until the transaction ends`, relation: locks[0]?.relation }]
        : [];
    },
  },
];
