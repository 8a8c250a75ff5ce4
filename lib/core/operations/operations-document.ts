import { z } from 'zod';
import { OPERATIONS } from './all-operations.ts';
import type { OperationKind } from './operation-kind.ts';

/** The text of docs/operations.md: what each operation is, and its keys. */
export function operationsDocument(): string {
  return `${[INTRODUCTION, ...OPERATIONS.map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Operations

What should change, instead of how. This page is generated from the formats of the operations themselves
(\`node scripts/generate-operations-doc.ts\`); why it works as it does is in
[ADR 11](adr/0011-operations-become-phases.md).

\`\`\`yaml
version: 1
title: Ratings are numbers
versioned_schema: true
operations:
  - alter_column:
      table: reviews
      column: rating
      type: integer
      up: rating::integer      # the new value, over the row as the old application sees it
      down: rating::text       # the old value, over the row as the new application sees it
\`\`\`

\`lockkeeper plan\` shows the statements that a migration comes down to on a target: columns and triggers in expand,
one backfill for each table, constraints and indexes in validate, a swap in contract, the drops in finalize. Until
finalize everything can be taken back without losing a write of either version.

- **Names and keys are those of pgroll**; \`lockkeeper import pgroll <dir>\` takes its files as they are.
- **\`versioned_schema: true\`** makes a schema \`<schema>_<id of the migration>\` with a view of every table, under the
  new names. Instances of the new version put it first on their search path, for instance
  \`options=-c search_path=public_0001_ratings,public\`. It stays until the next migration with a versioned schema is
  finalized. Without it, a new name is a column of its own until the old one goes, and a column that keeps its name
  is used under that name in its new form only after contract.
- **Both versions may write from expand on.** Read new columns once the contract gate has opened: only then every
  row has its new value. Triggers of your own run before ours, so what they write is kept in step.
- **Name the columns in an INSERT.** A column that was replaced stands at the end of the table from contract on, and
  until finalize the old one is still in its place, under another name.
- **Operations and phases mix.** Steps that you write come after those of the operations, phase by phase.
- **\`up\` and \`down\` may have subqueries.** Their tables are those of the default schema, whatever the search path of
  who writes (in \`down\`, with a versioned schema, its views). A subquery runs for the row that is written: when the
  other table changes later, nothing follows. A column that the same migration changes cannot be read.

## What there is no operation for

| Wanted | Why not | Instead |
|---|---|---|
| another type for an identity column | its sequence goes with the column, and PostgreSQL gives it to no other one | in a migration before, \`sql\`: \`drop identity\`, a sequence \`owned by\` the column with its last value, \`set default nextval(...)\`; such a sequence goes along when the column is replaced |
| another type or expression for a generated column | it has no value yet when a trigger runs | \`add_column\` with the new expression as \`up\`, and \`drop_column\` in a later migration |
| a whole table under another key | a row's place in the table is its key; two tables with keys that differ have no row in common to lock, so a change in one could overtake its copy in the other | the new key beside the old one: \`add_column\` with \`up\` (such as \`gen_random_uuid()\`), \`create_constraint\` of type \`unique\`, columns of other tables that refer to it; then \`drop_constraint\` of the primary key, and in the next migration \`create_constraint\` of type \`primary_key\`; \`rename_table\` where it needs another name. \`extract_table\` moves columns into a table whose key is called otherwise |
| an exclusion constraint on a table in use | PostgreSQL builds its index under a lock that stops writes | \`create_table\` with it, or \`sql\` in a window |`;

interface KeySchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly default?: unknown;
  readonly $ref?: string;
  readonly anyOf?: readonly KeySchema[];
  readonly items?: KeySchema;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly required?: readonly string[];
  readonly $defs?: Readonly<Record<string, KeySchema>>;
}

function section({ name, format }: OperationKind): string {
  const whole = z.toJSONSchema(format, { io: 'input' }) as KeySchema;
  const own = resolved(whole, whole);
  const rows = keyRows(own, whole, '');
  return [
    `## ${name}`,
    own.description ?? '',
    ['| Key | Value | |', '|---|---|---|', ...rows].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Keys of a part are listed below it, with its name before theirs. */
function keyRows(schema: KeySchema, whole: KeySchema, prefix: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const found = resolved(value, whole);
    const needed = schema.required?.includes(key) === true ? '' : ' (optional)';
    const name = `${prefix}${key}`;
    const inner = found.type === 'array' ? resolved(found.items ?? {}, whole) : found;
    return [
      `| \`${name}\`${needed} | ${kindOf(found, whole)} | ${escaped(found.description ?? value.description ?? '')} |`,
      ...(prefix === '' ? keyRows(inner, whole, `${name}.`) : []),
    ];
  });
}

function resolved(schema: KeySchema, whole: KeySchema): KeySchema {
  const name = schema.$ref?.replace('#/$defs/', '');
  return name === undefined ? schema : (whole.$defs?.[name] ?? schema);
}

function kindOf(schema: KeySchema, whole: KeySchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (schema.anyOf !== undefined) {
    const kinds = schema.anyOf.map((each) => kindOf(resolved(each, whole), whole));
    return [...new Set(kinds)].join(' or ');
  }
  if (schema.type === 'array')
    return `list of ${kindOf(resolved(schema.items ?? {}, whole), whole)}`;
  if (schema.type === 'object') return 'mapping';
  if (schema.type === 'string') return 'text';
  if (schema.type === 'null') return 'null';
  return String(schema.type ?? 'value');
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '\\|');
}
