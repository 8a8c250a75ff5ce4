import type { CreateFunctionStmt } from 'libpg-query';
import { nameOfParts, stringsOf, writeName } from '../../sql/sql-name.ts';
import { alterCommands } from '../alter-commands.ts';
import { always, inPhases, type StatementRule, sql } from '../rule.ts';

/** Who may see and change what, and what replication needs. */
export const ACCESS_RULES: readonly StatementRule[] = [
  {
    id: 'revoke',
    severity: inPhases('warning', { finalize: 'info' }),
    why: 'statements of the running application that need the privilege or role fail',
    safer: 'revoke it in finalize, after pg_stat_statements shows that nobody uses it',
    source: 'pg-schema-diff AUTHZ_UPDATE; MigrationPilot MP057, MP073, MP079, MP085, MP099',
    find: ({ classification }) =>
      classification.statementKind.startsWith('revoke')
        ? [{ message: 'a privilege is taken away' }]
        : [],
  },
  {
    id: 'owner-change',
    severity: always('warning'),
    why: 'only the owner can alter or drop it, and row security does not apply to the owner',
    safer: 'grant the privileges that are needed, and keep the owner',
    source: 'pg-schema-diff AUTHZ_UPDATE; MigrationPilot MP057, MP073, MP079, MP085, MP099',
    find: ({ classification }) =>
      classification.breaksOldApplication !== undefined &&
      (classification.statementKind === 'owner-to' ||
        classification.subcommands.includes('owner-to'))
        ? [{ message: classification.breaksOldApplication }]
        : [],
  },
  {
    id: 'row-security',
    severity: always('warning'),
    why: 'row security changes which rows the same query sees: enabled without a policy, none',
    safer: 'create the policies first, and test them as the role of the application',
    source:
      'pg-schema-diff AUTHZ_UPDATE; MigrationPilot MP057, MP073, MP079, MP085, MP099; measured: ACCESS EXCLUSIVE',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      return commands
        .filter(({ subtype = '' }) => subtype.endsWith('RowSecurity'))
        .map(() => ({
          message: `queries of ${writeName(table)} may see other rows`,
          relation: table,
        }));
    },
  },
  {
    id: 'security-definer-search-path',
    severity: always('warning'),
    why: 'the function runs with the privileges of its owner and finds names along the search path of its caller, who can put other objects there',
    safer: "SET search_path = '' and names with their schema",
    source:
      'MigrationPilot MP057, MP073, MP079, MP085, MP099; PostgreSQL documentation, CREATE FUNCTION',
    find: ({ statement: { node, text } }) =>
      'CreateFunctionStmt' in node && isExposed(node.CreateFunctionStmt)
        ? [
            {
              message: `${writeName(nameOfParts(stringsOf(node.CreateFunctionStmt.funcname)))} runs as its owner on the search path of its caller`,
              saferRewrite: sql(`${text} set search_path = ''`),
            },
          ]
        : [],
  },
  {
    id: 'replica-identity',
    severity: always('warning'),
    why: 'with NOTHING, logical replication refuses UPDATE and DELETE; with FULL it writes every old row to the log and searches for it',
    safer: 'REPLICA IDENTITY USING INDEX on a unique index of NOT NULL columns',
    source: 'MigrationPilot MP055; diesel-guard; PostgreSQL documentation, Logical Replication',
    find: (examined) => {
      const { table, commands } = alterCommands(examined);
      return commands.flatMap(({ def }) => {
        if (def === undefined || !('ReplicaIdentityStmt' in def)) return [];
        const type = def.ReplicaIdentityStmt.identity_type;
        if (type !== 'n' && type !== 'f') return [];
        return [
          {
            message: `logical replication of ${writeName(table)} identifies rows by ${type === 'n' ? 'nothing' : 'all their columns'}`,
            relation: table,
            ...(type === 'n' ? { severity: 'error' as const } : {}),
          },
        ];
      });
    },
  },
];

function isExposed({ options = [] }: CreateFunctionStmt): boolean {
  const elements = options.flatMap((option) => ('DefElem' in option ? [option.DefElem] : []));
  const definer = elements.some(
    ({ defname, arg }) =>
      defname === 'security' &&
      arg !== undefined &&
      'Boolean' in arg &&
      arg.Boolean.boolval === true,
  );
  const fixed = elements.some(
    ({ defname, arg }) =>
      defname === 'set' &&
      arg !== undefined &&
      'VariableSetStmt' in arg &&
      arg.VariableSetStmt.name === 'search_path',
  );
  return definer && !fixed;
}
