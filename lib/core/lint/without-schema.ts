import type { Migration } from '../migration/migration.ts';
import { lowerOperations } from '../operations/lower-operations.ts';
import type { SchemaModel } from '../operations/schema-model.ts';
import type { ClassifyContext } from '../sql/catalog.ts';
import { lintProblems } from './lint-problems.ts';
import { type LintPart, NOTHING_LINTED } from './lint-report.ts';

/** Operations that say all there is to know of what they do. */
const COMPLETE: ReadonlySet<string> = new Set(['create_table', 'sql']);

/**
 * What of a migration's operations can be read without the schema that they are for: their own SQL
 * and new tables become statements, the others a finding that says they were not judged.
 */
export function withoutSchema(
  migration: Migration,
  { parser, serverVersion }: ClassifyContext,
): { readonly readable: Migration; readonly part: LintPart } {
  const complete = migration.operations.filter(({ name }) => COMPLETE.has(name));
  const declared = { ...migration, operations: complete, versionedSchema: false };
  const lowered = lowerOperations(declared, emptySchema(serverVersion), parser);
  const none = { ...migration, operations: [] };
  if (lowered.kind === 'parsed') {
    const rest = migration.operations.filter((each) => !complete.includes(each));
    return { readable: lowered.value, part: needsSchema(rest) };
  }
  // A new table may refer to one that only the target has; SQL of one's own is refused for itself.
  return complete.some(({ name }) => name === 'create_table')
    ? { readable: none, part: needsSchema(migration.operations) }
    : { readable: none, part: lintProblems(lowered.problems) };
}

function emptySchema(serverVersion: number): SchemaModel {
  return { serverVersion, defaultSchema: 'public', tables: [], enums: [], versions: [] };
}

function needsSchema(operations: Migration['operations']): LintPart {
  const [first] = operations;
  if (first === undefined) return NOTHING_LINTED;
  const names = [...new Set(operations.map(({ name }) => name))].join(', ');
  const { file, line, column } = first.location;
  return {
    ...NOTHING_LINTED,
    findings: [
      {
        file,
        line,
        column,
        rule: 'needs-schema',
        severity: 'info',
        message: `not judged without a schema: ${names}`,
        why: 'operations become statements for the schema of the target',
        blocks: 'nothing',
        saferRewrite: {
          kind: 'steps',
          steps: ['lockkeeper plan judges them on the target, lint --prove runs them on --schema'],
        },
        link: 'docs/cli.md#lockkeeper-lint-paths',
        frame: '',
      },
    ],
  };
}
