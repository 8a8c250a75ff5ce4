import { type SqlName, writeName } from '../../sql/sql-name.ts';
import { inPlainFiles, type PlacedMatch, type Script, type ScriptRule } from '../rule.ts';
import {
  addsForeignKey,
  exclusiveTables,
  isBackfill,
  isDdlOnExisting,
  validates,
} from '../script-facts.ts';

/** What must not share a transaction: locks are kept until it ends. */
export const TRANSACTION_RULES: readonly ScriptRule[] = [
  {
    id: 'concurrently-in-transaction',
    severity: inPlainFiles('error'),
    why: 'PostgreSQL refuses CONCURRENTLY, VACUUM and the like inside a transaction (25001)',
    safer: 'a file of its own that the tool runs without a transaction',
    source:
      'squawk ban-concurrent-index-creation-in-transaction; Atlas PG103; MigrationPilot MP025',
    findInScript: (script) =>
      inTransactions(script, (members) =>
        members
          .filter((at) => script.statements[at]?.classification.transactional === false)
          .map((at) => ({ at, message: `${kindAt(script, at)} cannot run in a transaction` })),
      ),
  },
  {
    id: 'begin-in-transaction',
    severity: inPlainFiles('error'),
    why: 'the tool has opened a transaction already: BEGIN is ignored, and COMMIT ends the one that records the migration',
    safer: 'no BEGIN, COMMIT or ROLLBACK in the file',
    source: 'squawk transaction-nesting; MigrationPilot MP053',
    findInScript: ({ statements, mode }) => {
      let depth = mode === 'file' ? 1 : 0;
      return statements.flatMap(({ classification: { statementKind, transactionControl } }, at) => {
        if (!transactionControl || !ENDS_OR_BEGINS.has(statementKind)) return [];
        const begins = statementKind === 'begin' || statementKind === 'start';
        const wrong = mode === 'file' || (begins ? depth > 0 : depth === 0);
        depth = begins ? depth + 1 : Math.max(0, depth - 1);
        return wrong ? [{ at, message: `${statementKind} does not do what it says` }] : [];
      });
    },
  },
  {
    id: 'transaction-left-open',
    severity: inPlainFiles('error'),
    why: 'the file begins a transaction and does not end it: its work is lost, or its locks are kept as long as the session lives',
    safer: 'COMMIT at the end',
    source: 'squawk ban-uncommitted-transaction',
    findInScript: ({ transactions }) =>
      transactions.flatMap(({ closed, begin }) =>
        closed || begin === undefined
          ? []
          : [{ at: begin, message: 'nothing commits this transaction' }],
      ),
  },
  {
    id: 'ddl-plus-backfill',
    severity: inPlainFiles('error'),
    why: 'the lock of the schema change is kept until the rows are done: an outage for the time of the backfill',
    safer: 'the schema change in one migration, the backfill in batches, constraints in a third',
    source: 'no other linter (MigrationPilot benchmark: none of three); Eugene E4 in part',
    findInScript: (script) =>
      inTransactions(script, (members) => {
        const ddl = members.find((at) => isDdlOnExisting(script.statements[at]));
        if (ddl === undefined) return [];
        return members
          .filter((at) => isBackfill(script.statements[at]))
          .map((at) => ({
            at,
            message: `rows are written in the transaction of ${kindAt(script, ddl)} (statement ${ddl + 1})`,
          }));
      }),
  },
  {
    id: 'statements-after-exclusive-lock',
    severity: inPlainFiles('error'),
    why: 'nobody can use the table while the statements after the one that locked it work',
    safer: 'one statement in each transaction',
    source: 'Eugene E4; pgfence',
    findInScript: (script) =>
      inTransactions(script, (members) => {
        const held: SqlName[] = [];
        return members.flatMap((at) => {
          const [before] = held;
          const slow = worksLong(script, at);
          held.push(...exclusiveTables(script.statements[at]));
          if (!slow || before === undefined) return [];
          const message = `nobody can use ${writeName(before)} while ${kindAt(script, at)} works`;
          return [{ at, relation: before, message }];
        });
      }),
  },
  {
    id: 'validate-in-same-transaction',
    severity: inPlainFiles('error'),
    why: 'NOT VALID and VALIDATE in one transaction: the rows are read under the strong lock that NOT VALID was to avoid',
    safer: 'VALIDATE in a transaction of its own, such as the next migration file',
    source: 'squawk; strong_migrations validate_*; pgfence; Eugene E4; measured',
    findInScript: (script) =>
      inTransactions(script, (members) => {
        const locked: string[] = [];
        return members.flatMap((at) => {
          const statement = script.statements[at];
          if (statement === undefined) return [];
          const { locks } = statement.classification;
          const table = validates(statement) ? locks[0]?.relation : undefined;
          if (table !== undefined && locked.includes(writeName(table))) {
            const message = `every row of ${writeName(table)} is read under the lock of an earlier statement`;
            return [{ at, message, relation: table, work: 'scan' as const }];
          }
          const strong = locks.filter(({ mode }) => STRONG.has(mode));
          locked.push(...strong.map(({ relation }) => writeName(relation)));
          return [];
        });
      }),
  },
  {
    id: 'multi-table-transaction',
    severity: inPlainFiles('warning'),
    why: 'one transaction locks several tables one after the other: it keeps all of them, and two sessions can wait for each other',
    safer: 'one table in each transaction',
    source: 'MigrationPilot MP008; pgfence',
    findInScript: (script) =>
      inTransactions(script, (members) => {
        const tables = new Set<string>();
        return members.flatMap((at) => {
          const own = exclusiveTables(script.statements[at]).map(writeName);
          const [first] = tables;
          const another = own.find((name) => !tables.has(name));
          for (const name of own) tables.add(name);
          return first === undefined || another === undefined
            ? []
            : [{ at, message: `${another} is locked while ${first} still is` }];
        });
      }),
  },
  {
    id: 'multiple-foreign-keys',
    severity: inPlainFiles('warning'),
    why: 'each foreign key stops writes to two tables until the transaction ends',
    safer: 'one foreign key in each transaction',
    source: 'Online Migrations multiple_foreign_keys; safe-pg-migrations',
    findInScript: (script) =>
      inTransactions(script, (members) =>
        members
          .filter((at) => addsForeignKey(script.statements[at]))
          .slice(1)
          .map((at) => ({ at, message: 'another foreign key in the same transaction' })),
      ),
  },
  {
    id: 'enum-value-used-at-once',
    severity: inPlainFiles('error'),
    why: 'a new enum value cannot be used before the transaction that adds it is over (55P04)',
    safer: 'ADD VALUE in a migration of its own',
    source: 'MigrationPilot MP012, MP024, MP054; PostgreSQL documentation, ALTER TYPE',
    findInScript: (script) =>
      inTransactions(script, (members) => {
        const added: string[] = [];
        return members.flatMap((at) => {
          const node = script.statements[at]?.statement.node;
          if (node !== undefined && 'AlterEnumStmt' in node) {
            if (node.AlterEnumStmt.oldVal === undefined)
              added.push(node.AlterEnumStmt.newVal ?? '');
            return [];
          }
          const used = literalsIn(node).find((value) => added.includes(value));
          return used === undefined
            ? []
            : [{ at, message: `'${used}' was added in this transaction` }];
        });
      }),
  },
];

const ENDS_OR_BEGINS: ReadonlySet<string> = new Set(['begin', 'start', 'commit', 'rollback']);
const STRONG: ReadonlySet<string> = new Set(['AccessExclusiveLock', 'ShareRowExclusiveLock']);

function inTransactions(
  { transactions }: Script,
  find: (members: readonly number[]) => readonly PlacedMatch[],
): readonly PlacedMatch[] {
  return transactions.flatMap(({ members }) => find(members));
}

function kindAt({ statements }: Script, at: number): string {
  return statements[at]?.classification.statementKind ?? '';
}

/** Rows have a rule of their own, and so has VALIDATE. */
function worksLong({ statements }: Script, at: number): boolean {
  const statement = statements[at];
  if (statement === undefined || isBackfill(statement) || validates(statement)) return false;
  return statement.classification.mayRunLong && statement.classification.transactional;
}

function literalsIn(tree: unknown): readonly string[] {
  if (Array.isArray(tree)) return tree.flatMap(literalsIn);
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) =>
    key === 'sval' && typeof value === 'object' && value !== null && 'sval' in value
      ? [String(value.sval)]
      : literalsIn(value),
  );
}
