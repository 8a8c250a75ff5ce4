import { isEarlier } from '../../sql/earlier.ts';
import { blockedBy } from '../../sql/lock-conflicts.ts';
import { nameOfRange, type SqlName, sameName, writeName } from '../../sql/sql-name.ts';
import { addedConstraint, alterCommands } from '../alter-commands.ts';
import { type ForeignKey, foreignKeysOf, indexedColumns, typeOfColumn } from '../foreign-keys.ts';
import {
  always,
  type Examined,
  inPlainFiles,
  type PlacedMatch,
  type Script,
  type ScriptRule,
} from '../rule.ts';

/** What the order of statements, or one that is missing, makes dangerous. */
export const SEQUENCE_RULES: readonly ScriptRule[] = [
  {
    id: 'index-replace-gap',
    severity: always('warning'),
    why: 'between dropping the old index and the end of building the new one, queries read the whole table',
    safer: 'build the new index first, then drop the old one',
    source: 'Online Migrations replace_index; pg-schema-diff does it by itself',
    findInScript: ({ statements }) => {
      const dropped: SqlName[] = [];
      return statements.flatMap((examined, at) => {
        const { classification, statement, target } = examined;
        if (classification.statementKind.startsWith('drop-index')) {
          const tables = classification.objects.flatMap(({ schema, name = '' }) => {
            const facts = target.catalog?.relation({ schema, name });
            return facts?.table ?? [];
          });
          dropped.push(...tables);
        }
        if (!('IndexStmt' in statement.node)) return [];
        const table = nameOfRange(statement.node.IndexStmt.relation);
        return dropped.some((each) => sameName(each, table))
          ? [{ at, relation: table, message: `${writeName(table)} has lost its old index already` }]
          : [];
      });
    },
  },
  {
    id: 'fk-missing-index',
    severity: always('warning'),
    why: 'without an index on the referencing columns, deleting or changing a referenced row reads the whole table and locks meanwhile',
    safer: 'CREATE INDEX CONCURRENTLY on the columns first',
    source: 'Eugene E15; MigrationPilot MP016; pgfence',
    findInScript: (script) =>
      keysIn(script)
        .filter(({ key }) => key.columns.length > 0)
        .filter(({ key }) => {
          const [first] = key.columns;
          const known = indexedColumns(script.statements, key.table);
          return known !== undefined && !known.some((columns) => columns[0] === first);
        })
        .map(({ at, key }) => ({
          at,
          relation: key.table,
          message: `no index of ${writeName(key.table)} begins with ${key.columns.join(', ')}`,
        })),
  },
  {
    id: 'fk-type-mismatch',
    severity: always('warning'),
    why: 'columns of different types are compared through a cast, which an index may not serve, and the narrower one runs out first',
    safer: 'the type of the referenced column',
    source: 'Online Migrations mismatched_foreign_key_type',
    findInScript: (script) =>
      keysIn(script).flatMap(({ at, key }) =>
        key.columns.flatMap((column, position) => {
          const other = key.referencedColumns[position];
          const own = typeOfColumn(script.statements, key.table, column);
          const theirs =
            other === undefined
              ? undefined
              : typeOfColumn(script.statements, key.referenced, other);
          return own === undefined || theirs === undefined || own === theirs
            ? []
            : [
                {
                  at,
                  relation: key.table,
                  message: `${column} is ${own}, and ${writeName(key.referenced)}.${other} is ${theirs}`,
                },
              ];
        }),
      ),
  },
  {
    id: 'drop-and-create',
    severity: always('error'),
    why: 'the table is dropped with all its rows and made again empty, which reads like a change of its shape',
    safer: 'ALTER TABLE, or a new table beside the old one',
    source: 'strong_migrations create_table force',
    findInScript: ({ statements }) => {
      const dropped = new Set<string>();
      return statements.flatMap(({ classification: { objects, statementKind } }, at) =>
        objects.flatMap(({ change, kind, schema, name = '' }) => {
          if (kind !== 'table') return [];
          const key = writeName({ schema, name });
          if (statementKind === 'drop-table' && change === 'drop') dropped.add(key);
          return change === 'create' && dropped.has(key)
            ? [{ at, message: `${key} was dropped above`, relation: { schema, name } }]
            : [];
        }),
      );
    },
  },
  {
    id: 'multiple-alters',
    severity: inPlainFiles('info'),
    why: 'each ALTER TABLE waits for its lock again, and each may read the table again',
    safer:
      'one ALTER TABLE with several commands, except NOT VALID with VALIDATE, and SET NOT NULL with DROP CONSTRAINT',
    source: 'Eugene W12; MigrationPilot MP058; Bytebase',
    findInScript: ({ statements }) =>
      statements.flatMap((examined, at) => {
        const before = statements[at - 1];
        const table = mergeable(examined);
        const other = before === undefined ? undefined : mergeable(before);
        return table !== undefined && other !== undefined && sameName(table, other)
          ? [{ at, relation: table, message: `${writeName(table)} was altered just before` }]
          : [];
      }),
  },
  {
    id: 'not-rerunnable',
    severity: inPlainFiles('info'),
    why: 'without a transaction a file that fails halfway cannot be run again: what it did is still there',
    safer:
      'IF [NOT] EXISTS (not with CREATE INDEX CONCURRENTLY: see concurrently-if-not-exists), or a transaction',
    source: 'squawk prefer-robust-stmts; diesel-guard; MigrationPilot MP023',
    findInScript: ({ statements, transactions, mode }) => {
      const covered = new Set(transactions.flatMap(({ members }) => members));
      if (mode !== 'autocommit' || statements.length < 2) return [];
      return statements.flatMap((examined, at) =>
        covered.has(at) || !failsTheSecondTime(examined)
          ? []
          : [
              {
                at,
                message: `${examined.classification.statementKind} fails when it is run again`,
              },
            ],
      );
    },
  },
  {
    id: 'unqualified-after-search-path',
    severity: always('warning'),
    why: 'a name without a schema means another object, depending on the search_path that the file itself changes',
    safer: 'write the schema',
    source: 'Bytebase; squawk; pg_dump sets it to be empty',
    findInScript: ({ statements }) => {
      let changed = false;
      return statements.flatMap(({ statement: { node }, classification }, at) => {
        if (
          'VariableSetStmt' in node &&
          node.VariableSetStmt.name?.toLowerCase() === 'search_path'
        ) {
          changed = node.VariableSetStmt.kind === 'VAR_SET_VALUE';
          return [];
        }
        const bare = classification.objects.find(
          ({ schema, kind, table }) =>
            schema === undefined && table === undefined && NAMED.has(kind),
        );
        return changed && bare !== undefined
          ? [{ at, message: `where ${bare.kind} ${bare.name ?? ''} is depends on search_path` }]
          : [];
      });
    },
  },
  {
    id: 'missing-lock-timeout',
    severity: inPlainFiles('warning'),
    why: 'a statement that waits for its lock makes every later query of the table wait behind it, for as long as one old transaction lives',
    safer: "set local lock_timeout = '2s' before it, and run it again when it fails",
    source: 'squawk require-timeout-settings; Eugene E9; MigrationPilot MP004; pgfence; measured',
    findInScript: (script) => unguarded(script, 'lock_timeout', strong),
  },
  {
    id: 'missing-statement-timeout',
    severity: inPlainFiles('info'),
    why: 'a statement that takes longer than thought keeps its lock until somebody notices',
    safer: "set local statement_timeout = '10s' before it",
    source: 'squawk require-timeout-settings; MigrationPilot MP020; pgfence',
    findInScript: (script) =>
      unguarded(
        script,
        'statement_timeout',
        (each) => strong(each) && each.classification.mayRunLong,
      ),
  },
];

const NAMED: ReadonlySet<string> = new Set([
  'table',
  'view',
  'materialized-view',
  'sequence',
  'type',
]);

function keysIn({ statements }: Script): readonly { at: number; key: ForeignKey }[] {
  return statements.flatMap((examined, at) =>
    foreignKeysOf(examined, statements).map((key) => ({ at, key })),
  );
}

/** The table of an ALTER TABLE that could be part of its neighbour. */
function mergeable(examined: Examined): SqlName | undefined {
  const { table, commands } = alterCommands(examined);
  const apart = commands.some(
    (command) =>
      APART.has(command.subtype ?? '') || addedConstraint(command)?.skip_validation === true,
  );
  return commands.length === 0 || apart || isEarlier(examined.target, table) ? undefined : table;
}

const APART: ReadonlySet<string> = new Set([
  'AT_ValidateConstraint',
  'AT_SetNotNull',
  'AT_DropConstraint',
  'AT_AttachPartition',
  'AT_DetachPartition',
  'AT_DetachPartitionFinalize',
]);

function failsTheSecondTime({ statement: { node } }: Examined): boolean {
  if ('CreateStmt' in node) return node.CreateStmt.if_not_exists !== true;
  if ('IndexStmt' in node) {
    return node.IndexStmt.concurrent !== true && node.IndexStmt.if_not_exists !== true;
  }
  if ('DropStmt' in node) return node.DropStmt.missing_ok !== true;
  if (!('AlterTableStmt' in node)) return false;
  return (node.AlterTableStmt.cmds ?? []).some(
    (cmd) =>
      'AlterTableCmd' in cmd &&
      (cmd.AlterTableCmd.subtype === 'AT_AddColumn' ||
        cmd.AlterTableCmd.subtype === 'AT_DropColumn') &&
      cmd.AlterTableCmd.missing_ok !== true,
  );
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
