import { ALLOWANCE_RULES } from './allowance-rules.ts';
import { ACCESS_RULES } from './families/access-rules.ts';
import { ACTIVITY_RULES } from './families/activity-rules.ts';
import { ADD_COLUMN_RULES } from './families/add-column-rules.ts';
import { COLUMN_TYPE_RULES } from './families/column-type-rules.ts';
import { CONSTRAINT_RULES } from './families/constraint-rules.ts';
import { DATA_RULES } from './families/data-rules.ts';
import { DEPENDENCY_RULES } from './families/dependency-rules.ts';
import { ENUM_AND_DOMAIN_RULES } from './families/enum-and-domain-rules.ts';
import { FOREIGN_KEY_RULES } from './families/foreign-key-rules.ts';
import { INDEX_DESIGN_RULES } from './families/index-design-rules.ts';
import { INDEX_RULES } from './families/index-rules.ts';
import { NOT_NULL_RULES } from './families/not-null-rules.ts';
import { PARTITION_RULES } from './families/partition-rules.ts';
import { REMOVAL_RULES } from './families/removal-rules.ts';
import { RENAME_RULES } from './families/rename-rules.ts';
import { REWRITE_RULES } from './families/rewrite-rules.ts';
import { RUNNER_RULES } from './families/runner-rules.ts';
import { SEQUENCE_RULES } from './families/sequence-rules.ts';
import { TIMEOUT_RULES } from './families/timeout-rules.ts';
import { TRANSACTION_RULES } from './families/transaction-rules.ts';
import { TRIGGER_RULES } from './families/trigger-rules.ts';
import { TYPE_CHANGE_RULES } from './families/type-change-rules.ts';
import type { RuleFacts, ScriptRule, StatementRule } from './rule.ts';

/** Rules about one statement, in the order in which their findings are given. */
export const STATEMENT_RULES: readonly StatementRule[] = [
  ...RUNNER_RULES,
  ...INDEX_RULES,
  ...INDEX_DESIGN_RULES,
  ...ADD_COLUMN_RULES,
  ...CONSTRAINT_RULES,
  ...NOT_NULL_RULES,
  ...TYPE_CHANGE_RULES,
  ...ENUM_AND_DOMAIN_RULES,
  ...PARTITION_RULES,
  ...REMOVAL_RULES,
  ...RENAME_RULES,
  ...REWRITE_RULES,
  ...TRIGGER_RULES,
  ...ACCESS_RULES,
  ...DEPENDENCY_RULES,
  ...DATA_RULES,
  ...COLUMN_TYPE_RULES,
  ...ACTIVITY_RULES,
];

/** Rules about several statements together. */
export const SCRIPT_RULES: readonly ScriptRule[] = [
  ...TRANSACTION_RULES,
  ...TIMEOUT_RULES,
  ...SEQUENCE_RULES,
  ...FOREIGN_KEY_RULES,
];

/** What is known of every rule, by its id. */
export const RULES_BY_ID: ReadonlyMap<string, RuleFacts> = new Map(
  [...STATEMENT_RULES, ...SCRIPT_RULES, ...Object.values(ALLOWANCE_RULES)].map((rule) => [
    rule.id,
    rule,
  ]),
);
