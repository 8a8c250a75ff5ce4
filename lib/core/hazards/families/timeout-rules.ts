import { blockedBy } from '../../sql/lock-conflicts.ts';
import { writeName } from '../../sql/sql-name.ts';
import {
  type Examined,
  inPlainFiles,
  type PlacedMatch,
  type Script,
  type ScriptRule,
} from '../rule.ts';
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
        // SET LOCAL ends with its transaction, and CONCURRENTLY is never inside one.
        if (setting?.name === 'lock_timeout' && !setting.local) {
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
      const locking = statements.findIndex(strong);
      if (locking < 0) return [];
      const before = statements.slice(0, locking).some(setsLockTimeout);
      return statements.flatMap((examined, at) =>
        at > locking && !before && setsLockTimeout(examined)
          ? [{ at, message: `${tableAt(statements[locking])} was locked before, without a limit` }]
          : [],
      );
    },
  },
  {
    id: 'missing-lock-timeout',
    severity: inPlainFiles('warning'),
    why: 'a statement that waits for its lock makes every later query of the table wait behind it, for as long as one old transaction lives',
    safer: "set local lock_timeout = '2s' before it, and run it again when it fails",
    source: 'squawk require-lock-timeout; Eugene E9; MigrationPilot MP004; pgfence; measured',
    findInScript: (script) => unguarded(script, 'lock_timeout', strong),
  },
  {
    id: 'missing-statement-timeout',
    severity: inPlainFiles('info'),
    why: 'a statement that takes longer than thought keeps its lock until somebody notices',
    safer: "set local statement_timeout = '10s' before it",
    source: 'squawk require-statement-timeout; MigrationPilot MP020; pgfence',
    findInScript: (script) =>
      unguarded(
        script,
        'statement_timeout',
        (each) => strong(each) && each.classification.mayRunLong,
      ),
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

function tableAt(examined: Examined | undefined): string {
  const relation = examined?.classification.locks[0]?.relation;
  return relation === undefined ? 'the table' : writeName(relation);
}

function strong({ classification }: Examined): boolean {
  const { strongestLock, lockPolicy, locks } = classification;
  if (lockPolicy !== 'strong' || strongestLock === undefined || locks.length === 0) return false;
  const blocks = blockedBy(strongestLock);
  return blocks === 'reads and writes' || blocks === 'writes';
}

/** The first statement of the file that needs a limit and has none: one finding, not one a line. */
function unguarded(
  { statements }: Script,
  setting: string,
  needs: (examined: Examined) => boolean,
): readonly PlacedMatch[] {
  let set = false;
  for (const [at, examined] of statements.entries()) {
    const { node } = examined.statement;
    if ('VariableSetStmt' in node && node.VariableSetStmt.name?.toLowerCase() === setting) {
      set = node.VariableSetStmt.kind === 'VAR_SET_VALUE';
    } else if (!set && needs(examined)) {
      return [
        { at, message: `${examined.classification.statementKind} runs without a ${setting}` },
      ];
    }
  }
  return [];
}
