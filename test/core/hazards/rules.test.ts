import { beforeAll, describe, expect, it } from '@jest/globals';
import { RULES_BY_ID } from '../../../lib/core/hazards/all-rules.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { ACTIVITY_CASES } from './cases/activity-cases.ts';
import { ADD_COLUMN_CASES, COLUMN_TYPE_CASES } from './cases/column-cases.ts';
import { CONSTRAINT_CASES, NOT_NULL_CASES } from './cases/constraint-cases.ts';
import { INDEX_CASES } from './cases/index-cases.ts';
import {
  ACCESS_CASES,
  DATA_CASES,
  DEPENDENCY_CASES,
  REWRITE_CASES,
  RUNNER_CASES,
  TRIGGER_CASES,
} from './cases/object-cases.ts';
import { PARTITION_CASES } from './cases/partition-cases.ts';
import { REMOVAL_CASES, RENAME_CASES } from './cases/removal-cases.ts';
import {
  ALLOWANCE_CASES,
  SEQUENCE_CASES,
  TIMEOUT_CASES,
  TRANSACTION_CASES,
} from './cases/script-cases.ts';
import { ENUM_AND_DOMAIN_CASES, TYPE_CHANGE_CASES } from './cases/type-cases.ts';
import { asCase, firedRules, type RuleCases, review } from './hazard-case.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const FAMILIES: Readonly<Record<string, RuleCases>> = {
  index: INDEX_CASES,
  'add column': ADD_COLUMN_CASES,
  'column type': COLUMN_TYPE_CASES,
  constraint: CONSTRAINT_CASES,
  'not null': NOT_NULL_CASES,
  'type change': TYPE_CHANGE_CASES,
  'enum and domain': ENUM_AND_DOMAIN_CASES,
  partition: PARTITION_CASES,
  removal: REMOVAL_CASES,
  rename: RENAME_CASES,
  rewrite: REWRITE_CASES,
  trigger: TRIGGER_CASES,
  access: ACCESS_CASES,
  activity: ACTIVITY_CASES,
  dependency: DEPENDENCY_CASES,
  data: DATA_CASES,
  runner: RUNNER_CASES,
  transaction: TRANSACTION_CASES,
  timeout: TIMEOUT_CASES,
  sequence: SEQUENCE_CASES,
  allowance: ALLOWANCE_CASES,
};

describe.each(Object.entries(FAMILIES))('rules about %s', (_, rules) => {
  const all = Object.entries(rules);
  const firing = all.flatMap(([rule, { fires }]) =>
    fires.map((given) => ({ rule, given, sql: asCase(given).sql })),
  );
  const silent = all.flatMap(([rule, cases]) =>
    cases.silent.map((given) => ({ rule, given, sql: asCase(given).sql })),
  );

  it.each(firing)('$rule fires: $sql', ({ rule, given }) => {
    expect(firedRules(parser, given)).toContain(rule);
  });

  it.each(silent)('$rule is silent: $sql', ({ rule, given }) => {
    expect(firedRules(parser, given)).not.toContain(rule);
  });
});

const EVERY: RuleCases = Object.assign({}, ...Object.values(FAMILIES));

describe('every rule', () => {
  it.each([...RULES_BY_ID.keys()])('%s has at least three firing and three silent cases', (id) => {
    expect(EVERY[id]?.fires.length ?? 0).toBeGreaterThanOrEqual(3);
    expect(EVERY[id]?.silent.length ?? 0).toBeGreaterThanOrEqual(3);
  });

  it('has cases under its own id only', () => {
    expect(Object.keys(EVERY).filter((id) => !RULES_BY_ID.has(id))).toEqual([]);
  });
});

describe('a rewrite that is offered as SQL', () => {
  const firing = Object.entries(EVERY).flatMap(([rule, { fires }]) =>
    fires.map((given) => ({ rule, given, sql: asCase(given).sql })),
  );

  it.each(firing)('parses and does not have the hazard itself ($rule: $sql)', ({ rule, given }) => {
    // GIVEN
    const found = review(parser, given).findings.filter((each) => each.rule === rule);
    const offered = found.flatMap(({ saferRewrite }) =>
      saferRewrite.kind === 'sql' ? [saferRewrite.statements.join(';\n')] : [],
    );

    // WHEN
    const inItself = offered.flatMap((sql) =>
      firedRules(parser, { ...asCase(given), sql, phase: 'contract', mode: 'step' }),
    );

    // THEN
    expect(inItself.filter((id) => id === rule)).toEqual([]);
  });
});
