import type { CommentStmt } from 'libpg-query';
import type { ObjectKind } from '../classification.ts';
import { change, lock, type StatementEffect } from '../effect.ts';
import { nameOfParts, nameOfRange, type SqlName, stringsOf } from '../sql-name.ts';
import { withChildren } from './children.ts';
import type { Rules } from './rule.ts';

/** What hangs on a table: triggers, rules, policies, statistics, comments, privileges. */
export const TABLE_OBJECT_RULES: Rules = {
  CreateTrigStmt: ({ trigname, relation, replace }, context) => {
    const table = nameOfRange(relation);
    const effect = created(
      replace === true ? 'create-or-replace-trigger' : 'create-trigger',
      'trigger',
      trigname,
      lock(table, 'ShareRowExclusiveLock', 'a trigger is added'),
    );
    return { ...effect, ...withChildren(effect, table, context) };
  },
  RuleStmt: ({ rulename, relation }) => ({
    ...created(
      'create-rule',
      'rule',
      rulename,
      lock(nameOfRange(relation), 'AccessExclusiveLock', 'a rule is added'),
    ),
    breaks: 'a rule changes what the statements of the application do',
  }),
  CreatePolicyStmt: ({ policy_name, table }) => ({
    ...created(
      'create-policy',
      'policy',
      policy_name,
      lock(nameOfRange(table), 'AccessExclusiveLock', 'a policy is added'),
    ),
  }),
  AlterPolicyStmt: ({ policy_name, table }) => ({
    statementKind: 'alter-policy',
    objects: [change('alter', 'policy', { name: policy_name, table: nameOfRange(table) })],
    locks: [lock(nameOfRange(table), 'AccessExclusiveLock', 'a policy is altered')],
  }),
  CreateStatsStmt: ({ defnames, relations = [] }) => ({
    statementKind: 'create-statistics',
    objects: [change('create', 'statistics', nameOfParts(stringsOf(defnames)))],
    locks: relations.flatMap((node) =>
      'RangeVar' in node
        ? [lock(nameOfRange(node.RangeVar), 'ShareUpdateExclusiveLock', 'statistics are added')]
        : [],
    ),
  }),
  CommentStmt: comment,
  GrantStmt: ({ is_grant }) =>
    is_grant === true
      ? { statementKind: 'grant' }
      : { statementKind: 'revoke', breaks: 'statements that need the privilege fail' },
  GrantRoleStmt: ({ is_grant }) =>
    is_grant === true
      ? { statementKind: 'grant-role' }
      : { statementKind: 'revoke-role', breaks: 'statements that need the role fail' },
  AlterDefaultPrivilegesStmt: () => ({ statementKind: 'alter-default-privileges' }),
};

function created(
  statementKind: string,
  kind: ObjectKind,
  name: string | undefined,
  onTable: ReturnType<typeof lock>,
): StatementEffect {
  const table = onTable.relation;
  return {
    statementKind,
    objects: [change('create', kind, { schema: table.schema, name, table })],
    locks: [onTable],
  };
}

/** A comment locks the relation it is about, or whose column; not that of a constraint or trigger. */
function comment({ objtype = 'OBJECT_TABLE', object }: CommentStmt): StatementEffect {
  const parts = object !== undefined && 'List' in object ? stringsOf(object.List.items) : [];
  const relation = commentedRelation(objtype, parts);
  return {
    statementKind: 'comment',
    locks:
      relation === undefined ? [] : [lock(relation, 'ShareUpdateExclusiveLock', 'it is commented')],
  };
}

function commentedRelation(type: string, parts: readonly string[]): SqlName | undefined {
  switch (type) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
    case 'OBJECT_FOREIGN_TABLE':
      return nameOfParts(parts);
    case 'OBJECT_COLUMN':
      return nameOfParts(parts.slice(0, -1));
    default:
      return undefined;
  }
}
