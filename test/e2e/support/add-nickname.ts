/** The parts of the migration that a test has its own idea of; the rest stays as it is. */
export interface NicknameParts {
  /** Column that is added. @default 'nickname' */
  readonly column?: string;
  /** YAML of further steps, with two spaces in front. */
  readonly expand?: string;
  /** YAML of the backfill's `batch`. */
  readonly batch?: string;
  readonly validate?: string;
  readonly contract?: string;
  readonly finalize?: string;
  /** YAML of the gates that there are. @default - none */
  readonly gates?: Readonly<Partial<Record<'review' | 'deploy' | 'contract' | 'soak', string>>>;
  /** @default 'none' */
  readonly snapshots?: 'none' | 'required';
}

/** Batches of at most 25 rows with a pause between them: slow enough to be met in the middle. */
export const SLOW_BATCHES = '{target: 20ms, min_rows: 10, max_rows: 25, pause: 150ms}';

/**
 * A column that is filled from another one. The backfill appends instead of setting, so a row that
 * was moved twice has its nickname twice.
 */
export function addNickname(parts: NicknameParts = {}): string {
  const { column = 'nickname', gates = {} } = parts;
  return `version: 1
title: Add a ${column}
expand:
  - id: add_${column}
    sql: alter table people add column ${column} text
    undo: alter table people drop column ${column}
${parts.expand ?? ''}
backfill:
  - id: fill_${column}
    table: people
    sql: update people set ${column} = coalesce(${column}, '') || lower(name) where :range
    batch: ${parts.batch ?? '{target: 100ms}'}
validate:
  - id: every_${column}_is_right
    query: select id from people where ${column} is distinct from lower(name) limit 5
    expect: no rows
${parts.validate ?? ''}
contract:${parts.contract === undefined ? ' []' : `\n${parts.contract}`}
finalize:${parts.finalize === undefined ? ' []' : `\n${parts.finalize}`}
gates:
  review: ${gates.review ?? 'none'}
  deploy: ${gates.deploy ?? 'none'}
  contract: ${gates.contract ?? 'none'}
  soak: ${gates.soak ?? 'none'}
snapshots: ${parts.snapshots ?? 'none'}
`;
}
