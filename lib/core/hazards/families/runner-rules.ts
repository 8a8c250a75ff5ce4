import { newestFeature } from '../../sql/server-features.ts';
import { always, inPhases, inPlainFiles, type StatementRule } from '../rule.ts';
import { settingOf } from '../session-settings.ts';

/** What belongs to the runner, and what nobody can see into. */
export const RUNNER_RULES: readonly StatementRule[] = [
  {
    id: 'transaction-nesting',
    severity: inPhases('error', { plain: 'silent' }),
    why: 'the runner opens and ends the transaction that also records the step; ending it early loses the record',
    safer: 'remove it: each statement is a step with a transaction of its own',
    source: 'squawk transaction-nesting; MigrationPilot MP053',
    find: ({ classification }) =>
      classification.transactionControl
        ? [{ message: `${classification.statementKind} inside a migration` }]
        : [],
  },
  {
    id: 'timeout-in-migration',
    severity: inPhases('error', { plain: 'silent' }),
    why: 'the runner sets timeouts for each class of statement: a short one kills a concurrent build halfway, none at all blocks everybody',
    safer: 'remove it',
    source:
      'squawk require-lock-timeout asks for the opposite; Online Migrations issues 67, 93, 94',
    find: ({ statement: { node } }) => {
      const setting = settingOf(node);
      return setting !== undefined && TIMEOUTS.has(setting.name)
        ? [{ message: `${setting.name} is set by the migration` }]
        : [];
    },
  },
  {
    id: 'lock-timeout-ineffective',
    severity: inPlainFiles('warning'),
    why: 'without a limit, or with a long one, a statement that waits for its lock makes all later queries of the table wait behind it',
    safer: "set local lock_timeout = '2s', and run it again when it fails",
    source: 'pgfence; measured: a SELECT waited 3.2 s behind an ALTER',
    find: ({ statement: { node } }) => {
      const setting = settingOf(node);
      if (setting?.name !== 'lock_timeout' || setting.valueMs === undefined) return [];
      if (setting.valueMs === 0) return [{ message: 'lock_timeout = 0 waits without a limit' }];
      return setting.valueMs > LONGEST_WAIT_MS
        ? [
            {
              message: `lock_timeout = ${setting.valueMs} ms keeps everybody else waiting that long`,
            },
          ]
        : [];
    },
  },
  {
    id: 'needs-newer-server',
    severity: always('error'),
    why: 'the statement uses what the target does not have yet',
    safer: 'write it for the version of the target',
    source: 'PostgreSQL release notes',
    find: ({ statement: { node }, classification: { requiresVersion }, target }) => {
      if (requiresVersion === undefined || requiresVersion <= target.serverVersion) return [];
      const feature = newestFeature(node);
      const what =
        feature?.since === requiresVersion ? feature.what : 'that on a partitioned table';
      return [
        {
          message: `${what} needs version ${requiresVersion}, and the target runs ${target.serverVersion}`,
        },
      ];
    },
  },
  {
    id: 'not-understood',
    // In the phases with strong locks, what nobody can check must not run unseen.
    severity: inPhases('error', { migrate: 'warning', plain: 'warning' }),
    why: 'nobody can tell what it locks or changes, so it counts as locking everything',
    safer: 'write its statements out, each as a step of its own',
    source: 'MigrationPilot MP063; pgfence coverage line',
    find: ({ classification: { understood, statementKind } }) =>
      understood || OWN_RULES.has(statementKind)
        ? []
        : [{ message: `nobody can tell what ${statementKind} does` }],
  },
];

/** A wait of five seconds is what most clients still take for slow rather than down. */
const LONGEST_WAIT_MS = 5000;

const TIMEOUTS: ReadonlySet<string> = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'transaction_timeout',
]);

/** Not understood in detail, but known well enough for a rule that says more. */
const OWN_RULES: ReadonlySet<string> = new Set([
  'drop-schema',
  'drop-database',
  'drop-owned',
  'reindex',
  'vacuum-full',
  'cluster',
]);
