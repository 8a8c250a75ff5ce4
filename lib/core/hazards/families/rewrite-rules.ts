import { writeName } from '../../sql/sql-name.ts';
import { insertAfter } from '../edit-sql.ts';
import { always, type StatementRule, sql } from '../rule.ts';

/** Statements that write a whole relation anew for its shape on disk, or its result. */
export const REWRITE_RULES: readonly StatementRule[] = [
  {
    id: 'table-rewrite',
    severity: always('error'),
    why: 'VACUUM FULL, CLUSTER, SET LOGGED, SET TABLESPACE and SET ACCESS METHOD copy every row under ACCESS EXCLUSIVE',
    safer: 'pg_repack does it while the table is in use; plain VACUUM needs no strong lock',
    source: 'squawk prefer-repack; MigrationPilot MP006, MP032, MP047, MP095; pgfence; measured',
    find: ({ classification }) => {
      const { statementKind, subcommands, rewritten, understood } = classification;
      const whole = STATEMENTS.has(statementKind) || subcommands.some((name) => COMMANDS.has(name));
      if (!whole) return [];
      if (!understood) return [{ message: 'every table is written anew, one after the other' }];
      const tables = new Map(rewritten.map((each) => [writeName(each.relation), each.relation]));
      return [...tables].map(([name, relation]) => ({
        message: `${name} is written anew while nobody can use it`,
        relation,
        work: 'rewrite',
      }));
    },
  },
  {
    id: 'refresh-matview',
    severity: always('warning'),
    why: 'REFRESH MATERIALIZED VIEW takes ACCESS EXCLUSIVE on it, so that its readers wait until the query is done',
    safer: 'REFRESH ... CONCURRENTLY, which needs a unique index over all rows of the view',
    source: 'MigrationPilot MP033; pgfence; diesel-guard; measured',
    find: ({ classification, statement, target }) =>
      classification.statementKind === 'refresh-materialized-view' &&
      classification.locks.length > 0
        ? [
            {
              message: 'readers of the view wait until it is computed',
              relation: classification.locks[0]?.relation,
              work: 'rewrite',
              saferRewrite: sql(insertAfter(target.parser, statement.text, 'view', 'concurrently')),
            },
          ]
        : [],
  },
];

const STATEMENTS: ReadonlySet<string> = new Set(['vacuum-full', 'cluster']);
const COMMANDS: ReadonlySet<string> = new Set([
  'set-logged',
  'set-unlogged',
  'set-tablespace',
  'set-access-method',
  'set-expression',
]);
