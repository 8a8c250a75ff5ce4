import { blockedBy } from '../../sql/lock-conflicts.ts';
import { writeName } from '../../sql/sql-name.ts';
import { type Examined, inPlainFiles, type ScriptRule } from '../rule.ts';
import { settingOf } from '../session-settings.ts';

/** lock_timeout where it does harm, or comes too late. */
export const TIMEOUT_RULES: readonly ScriptRule[] = [
  {
    id: 'short-lock-timeout-on-concurrently',
    severity: inPlainFiles('error'),
    why: 'CONCURRENTLY waits for old snapshots and writers with a lock: a short lock_timeout cancels it and leaves an invalid index behind',
    safer: 'set lock_timeout = 0 before it, and watch for old transactions instead',
    source: 'no other linter; Online Migrations issues 67, 93, 94; measured',
    findInScript: ({ statements }) => {
      let limitMs = 0;
      return statements.flatMap((examined, at) => {
        const setting = settingOf(examined.statement.node);
        if (setting?.name === 'lock_timeout') {
          // A value that is not a constant is taken for a limit.
          limitMs = setting.reset ? 0 : (setting.valueMs ?? 1);
        }
        const builds = CONCURRENT.has(examined.classification.statementKind);
        return builds && limitMs > 0
          ? [
              {
                at,
                relation: examined.classification.locks[0]?.relation,
                message: `lock_timeout is ${limitMs} ms while ${examined.classification.statementKind} waits`,
              },
            ]
          : [];
      });
    },
  },
  {
    id: 'lock-timeout-after-lock',
    severity: inPlainFiles('warning'),
    why: 'the lock has been waited for already when lock_timeout is set',
    safer: 'set it before the first statement that locks',
    source: 'pgfence',
    findInScript: ({ statements }) => {
      const locking = statements.findIndex(blocks);
      if (locking < 0) return [];
      const before = statements.slice(0, locking).some(setsLockTimeout);
      return statements.flatMap((examined, at) =>
        at > locking && !before && setsLockTimeout(examined)
          ? [{ at, message: `${tableAt(statements[locking])} was locked before, without a limit` }]
          : [],
      );
    },
  },
];

const CONCURRENT: ReadonlySet<string> = new Set([
  'create-index-concurrently',
  'drop-index-concurrently',
  'reindex-concurrently',
  'detach-partition-concurrently',
]);

function setsLockTimeout({ statement: { node } }: Examined): boolean {
  const setting = settingOf(node);
  return setting?.name === 'lock_timeout' && !setting.reset;
}

function blocks({ classification: { strongestLock, locks, lockPolicy } }: Examined): boolean {
  if (strongestLock === undefined || locks.length === 0 || lockPolicy !== 'strong') return false;
  const what = blockedBy(strongestLock);
  return what === 'reads and writes' || what === 'writes';
}

function tableAt(examined: Examined | undefined): string {
  const relation = examined?.classification.locks[0]?.relation;
  return relation === undefined ? 'the table' : writeName(relation);
}
