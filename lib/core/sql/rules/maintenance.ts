import type { ClusterStmt, DefElem, Node, RefreshMatViewStmt, VacuumStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { change, combine, type Effect, lock, type StatementEffect, touched } from '../effect.ts';
import { nameOfRange, type SqlName } from '../sql-name.ts';
import { factsOf, rewriteOf } from './relation-effect.ts';
import type { Rules } from './rule.ts';

/** VACUUM, ANALYZE, CLUSTER and REFRESH. */
export const MAINTENANCE_RULES: Rules = {
  VacuumStmt: vacuum,
  ClusterStmt: cluster,
  RefreshMatViewStmt: refresh,
};

function vacuum(node: VacuumStmt, context: ClassifyContext): StatementEffect {
  const options = (node.options ?? []).flatMap((option) =>
    'DefElem' in option ? [option.DefElem] : [],
  );
  const full = options.some((option) => option.defname === 'full' && isOn(option));
  const tables = (node.rels ?? []).flatMap((target) => relationOf(target));
  const vacuums = node.is_vacuumcmd === true;
  return {
    ...combine(tables.map((table) => (full ? vacuumFull(table, context) : weak(table)))),
    statementKind: vacuums ? (full ? 'vacuum-full' : 'vacuum') : 'analyze',
    online: !full,
    // Without a table it is about all of them.
    mayLockMore: tables.length === 0,
    opaque: full && tables.length === 0,
    outsideTransaction: vacuums,
    mayRunLong: true,
  };
}

function isOn({ arg }: DefElem): boolean {
  if (arg === undefined) return true;
  if ('String' in arg) return !['off', 'false', '0'].includes(arg.String.sval ?? '');
  return !('Integer' in arg && (arg.Integer.ival ?? 0) === 0);
}

function relationOf(target: Node): readonly SqlName[] {
  return 'VacuumRelation' in target ? [nameOfRange(target.VacuumRelation.relation)] : [];
}

function weak(table: SqlName): Effect {
  return {
    locks: [lock(table, 'ShareUpdateExclusiveLock', 'its pages are read and cleaned, or sampled')],
    objects: [change('alter', 'table', table)],
  };
}

function vacuumFull(table: SqlName, context: ClassifyContext): Effect {
  return combine([
    { locks: [lock(table, 'AccessExclusiveLock', 'it is packed into a new file')] },
    { objects: [change('alter', 'table', table)] },
    rewriteOf(context, table, 'it is packed into a new file'),
  ]);
}

function cluster({ relation }: ClusterStmt, context: ClassifyContext): StatementEffect {
  if (relation === undefined) {
    return { statementKind: 'cluster', outsideTransaction: true, opaque: true };
  }
  const table = nameOfRange(relation);
  const why = 'it is sorted into a new file';
  return {
    ...combine([
      { locks: [lock(table, 'AccessExclusiveLock', why)] },
      { objects: [change('alter', 'table', table)] },
      rewriteOf(context, table, why),
    ]),
    statementKind: 'cluster',
  };
}

function refresh(node: RefreshMatViewStmt, context: ClassifyContext): StatementEffect {
  const view = nameOfRange(node.relation);
  const facts = factsOf(context, view);
  const reads: Effect = {
    scans: (facts?.reads ?? []).map((each) => touched(each, 'the query of the view reads it')),
    objects: [change('alter', 'materialized-view', view)],
    mayRunLong: true,
  };
  if (node.concurrent === true) {
    const why = 'its rows are compared with the new result and changed';
    return {
      ...combine([
        reads,
        {
          locks: [lock(view, 'ExclusiveLock', why), lock(view, 'RowExclusiveLock', why)],
          scans: [touched(view, why)],
        },
      ]),
      statementKind: 'refresh-materialized-view-concurrently',
    };
  }
  const why = 'it gets a new file with the new result';
  return {
    ...combine([
      reads,
      { locks: [lock(view, 'AccessExclusiveLock', why), lock(view, 'ExclusiveLock', why)] },
      node.skipData === true ? { rewritten: [touched(view, why)] } : rewriteOf(context, view, why),
    ]),
    statementKind: 'refresh-materialized-view',
  };
}
