import { change } from '../effect.ts';
import { nameOfParts, stringsOf } from '../sql-name.ts';
import type { Rules } from './rule.ts';

/** Objects that no table contains: altering them locks no relation. */
export const SERVER_OBJECT_RULES: Rules = {
  AlterFunctionStmt: ({ func }) => ({
    statementKind: 'alter-function',
    objects: [change('alter', 'function', nameOfParts(stringsOf(func?.objname)))],
  }),
  // CREATE AGGREGATE, OPERATOR, TYPE, COLLATION and text search objects.
  DefineStmt: ({ defnames, kind }) => ({
    statementKind: kind === 'OBJECT_AGGREGATE' ? 'create-aggregate' : 'define',
    objects: [
      change(
        'create',
        kind === 'OBJECT_AGGREGATE' ? 'aggregate' : 'other',
        nameOfParts(stringsOf(defnames)),
      ),
    ],
  }),
  CreateCastStmt: () => ({ statementKind: 'create-cast' }),
  AlterRoleStmt: ({ role }) => ({
    statementKind: 'alter-role',
    objects: [change('alter', 'role', { name: role?.rolename })],
  }),
  AlterRoleSetStmt: ({ role }) => ({
    statementKind: 'alter-role-set',
    objects: [change('alter', 'role', { name: role?.rolename })],
  }),
  AlterDatabaseSetStmt: ({ dbname }) => ({
    statementKind: 'alter-database-set',
    objects: [change('alter', 'database', { name: dbname })],
  }),
};
