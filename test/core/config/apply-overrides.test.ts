import { describe, expect, it } from '@jest/globals';
import { applyOverrides } from '../../../lib/core/config/apply-overrides.ts';
import type { Environment } from '../../../lib/core/config/configuration.ts';
import type { Migration } from '../../../lib/core/migration/migration.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';
import { migrationWith, parsedMigration } from '../migration/migration-text.ts';

const EXPAND = 'expand: [{id: a, sql: analyze a}]';
const FINALIZE = 'finalize: [{id: z, sql: drop table b, irreversible: gone}]';
const NIGHT = { fromMinute: 0, toMinute: 300, days: [1], timeZone: 'UTC' };

function environment(
  overrides: Partial<Environment['overrides']>,
  allowWithoutSnapshots = false,
): Environment {
  return {
    name: 'prod',
    target: { kind: 'embedded', stateDirectory: '.lockkeeper' },
    policy: { fourEyes: true, allowWithoutSnapshots, onDrift: 'refuse' },
    overrides: { gates: {}, snapshots: {}, windows: {}, ...overrides },
  };
}

function applied(migration: Migration, where: Environment): Migration {
  const result = applyOverrides(migration, where);
  if (result.kind === 'parsed') return result.value;
  throw new TypeError(renderProblems(result.problems));
}

describe('applyOverrides', () => {
  it('changes nothing in an environment without overrides', () => {
    const migration = parsedMigration(migrationWith(EXPAND));
    expect(applied(migration, environment({}))).toEqual(migration);
  });

  it('replaces single gates and the windows of single phases', () => {
    // GIVEN
    const migration = parsedMigration(
      migrationWith(
        `${EXPAND}\nwindows: {backfill: [{from: '22:00', to: '23:00'}], expand: [{from: '01:00', to: '02:00'}]}`,
      ),
    );
    // WHEN
    const result = applied(
      migration,
      environment({ gates: { deploy: { kind: 'none' } }, windows: { backfill: [NIGHT] } }),
    );
    // THEN
    expect(result.gates).toEqual({ ...migration.gates, deploy: { kind: 'none' } });
    expect(result.windows).toEqual({ expand: migration.windows.expand, backfill: [NIGHT] });
  });

  it('lets an environment require snapshots that the migration leaves out', () => {
    const migration = parsedMigration(migrationWith(`${FINALIZE}\nsnapshots: none`));
    const required = { beforeExpand: 'required', beforeContract: 'required' } as const;
    expect(applied(migration, environment({ snapshots: required })).snapshots).toMatchObject(
      required,
    );
  });

  it('takes no snapshot before a contract that does not exist', () => {
    const migration = parsedMigration(migrationWith(EXPAND));
    const required = { beforeExpand: 'required', beforeContract: 'required' } as const;
    expect(applied(migration, environment({ snapshots: required })).snapshots).toEqual({
      beforeExpand: 'required',
      beforeContract: 'none',
    });
  });

  it('fails when the migration takes no snapshot and the environment does not allow that', () => {
    const migration = parsedMigration(migrationWith(`${EXPAND}\nsnapshots: none`));
    const result = applyOverrides(migration, environment({}));
    expect(result.kind === 'invalid' && renderProblems(result.problems)).toMatchInlineSnapshot(`
"migrations/0002_add_billing/migration.yaml:4:12 snapshots-required: 0002_add_billing takes no snapshot before expand, which the environment prod does not allow
  expected: snapshots: required
  fix: write snapshots: required, or allow_without_snapshots: true in the policy of prod"
`);
  });

  it('fails when only the snapshot before contract is left out', () => {
    const migration = parsedMigration(
      migrationWith(`${FINALIZE}\nsnapshots: {before_contract: none}`),
    );
    const result = applyOverrides(migration, environment({}));
    expect(result.kind === 'invalid' && renderProblems(result.problems)).toMatchInlineSnapshot(`
"migrations/0002_add_billing/migration.yaml:4:12 snapshots-required: 0002_add_billing takes no snapshot before contract, which the environment prod does not allow
  expected: snapshots: required
  fix: write snapshots: required, or allow_without_snapshots: true in the policy of prod"
`);
  });

  it('leaves out snapshots where the environment allows that', () => {
    const migration = parsedMigration(migrationWith(`${FINALIZE}\nsnapshots: none`));
    expect(applied(migration, environment({}, true)).snapshots).toMatchObject({
      beforeExpand: 'none',
      beforeContract: 'none',
    });
  });
});
