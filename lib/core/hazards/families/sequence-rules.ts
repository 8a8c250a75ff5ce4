import { isEarlier } from '../../sql/earlier.ts';
import { nameOfRange, type SqlName, sameName, writeName } from '../../sql/sql-name.ts';
import { addedConstraint, alterCommands } from '../alter-commands.ts';
import { always, type Examined, inPlainFiles, type ScriptRule } from '../rule.ts';

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
];

const NAMED: ReadonlySet<string> = new Set([
  'table',
  'view',
  'materialized-view',
  'sequence',
  'type',
]);

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
