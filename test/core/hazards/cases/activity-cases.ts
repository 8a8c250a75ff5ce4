import type { TargetActivity } from '../../../../lib/core/hazards/table-size.ts';
import type { HazardCase, RuleCases } from '../hazard-case.ts';

/** A server that counted one statement on t.a, one on the table o, and scans of t_a_idx. */
const activity: TargetActivity = {
  traffic: () => undefined,
  viewsUsing: () => [],
  statementsUsing: (taken) => {
    const used =
      (taken.kind === 'column' && taken.table.name === 't' && taken.column === 'a') ||
      (taken.kind === 'table' && taken.table.name === 'o');
    return used ? [{ uses: 't.a', role: 'app', query: 'select a from t where id = $1' }] : [];
  },
  indexScans: ({ name }) =>
    name === 't_a_idx' ? { scans: 12, lastScan: undefined } : { scans: 0, lastScan: undefined },
};
const on = (sql: string, phase: HazardCase['phase'] = 'contract'): HazardCase => ({
  sql,
  phase,
  activity,
});

export const ACTIVITY_CASES: RuleCases = {
  'still-used': {
    fires: [
      on('alter table t rename column a to a_lk_old'),
      on('alter table t drop column a', 'finalize'),
      on('alter table o rename to o_lk_old'),
      on('drop table o', 'finalize'),
      on('drop index concurrently t_a_idx', 'expand'),
    ],
    silent: [
      on('alter table t rename column b to b_lk_old'),
      on('alter table t drop column b', 'finalize'),
      on('drop table td', 'finalize'),
      on('drop index concurrently t_u_idx', 'expand'),
      on('alter table t add column z int', 'expand'),
      { sql: 'alter table t rename column a to a_lk_old', phase: 'contract' },
    ],
  },
};
