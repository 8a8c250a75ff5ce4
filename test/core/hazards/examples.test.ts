import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { examine } from '../../../lib/core/hazards/examine.ts';
import { findHazards } from '../../../lib/core/hazards/find-hazards.ts';
import { findHazardsInScript } from '../../../lib/core/hazards/find-hazards-in-script.ts';
import type { HazardPhase } from '../../../lib/core/hazards/rule.ts';
import type { MigrationId } from '../../../lib/core/ids.ts';
import type { Migration } from '../../../lib/core/migration/migration.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import type { Phase } from '../../../lib/core/plan/plan.ts';
import type { CatalogView, RelationFacts } from '../../../lib/core/sql/catalog.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { contextOf, statementOf } from '../sql/statements.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url).pathname;

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

const FOLDERS = filesUnder(EXAMPLES)
  .filter((path) => path.endsWith('/migration.yaml'))
  .map((path) => path.slice(0, -'/migration.yaml'.length));

function migrationIn(folder: string): Migration {
  const files = new Map(
    filesUnder(folder).map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
  );
  const migrationId = (folder.split('/').at(-1) ?? '') as MigrationId;
  const parsed = parseMigration({ migrationId, files }, parser);
  if (parsed.kind === 'invalid') throw new TypeError(`${folder} is not a migration`);
  return parsed.value;
}

interface Step {
  readonly id: string;
  readonly sql: string;
  readonly phase: Phase;
}

function stepsOf({ expand, validate, contract, finalize }: Migration): readonly Step[] {
  const inPhase = (phase: Phase, entries: Migration['validate']) =>
    entries.flatMap((each) =>
      each.kind === 'statement' ? [{ id: each.stepId, sql: each.sql, phase }] : [],
    );
  return [
    ...inPhase('expand', expand),
    ...inPhase('migrate', validate),
    ...inPhase('contract', contract),
    ...inPhase('finalize', finalize),
  ];
}

function table(name: string, columns: Readonly<Record<string, string>>): [string, RelationFacts] {
  return [
    name,
    {
      kind: 'table',
      name: { schema: undefined, name },
      table: undefined,
      columns: Object.entries(columns).map(([column, type]) => ({
        name: column,
        type,
        notNull: false,
      })),
      indexes: [],
      constraints: [],
      referencedBy: [],
      children: [],
      reads: [],
      partitioning: undefined,
      tablespace: 'pg_default',
      estimatedRows: 50_000_000,
    },
  ];
}

const TABLES: ReadonlyMap<string, RelationFacts> = new Map([
  table('accounts', { id: 'bigint', plan: 'text', billing_email: 'text', card_token: 'text' }),
  table('users', { id: 'bigint', email: 'text', full_name: 'text' }),
  table('invoices', { id: 'bigint', account_id: 'bigint', amount: 'numeric(12,2)' }),
]);

const LIVE: CatalogView = {
  relation: ({ name }) => TABLES.get(name),
  type: () => undefined,
  volatility: () => undefined,
};

function errorsOf(steps: readonly Step[], catalog: CatalogView | undefined): readonly string[] {
  const examined = examine(
    steps.map((each) => ({ ...each, statement: statementOf(parser, each.sql) })),
    contextOf(parser, { catalog, timeZoneUtc: true }),
  );
  return [
    ...examined.flatMap((each) => findHazards(each).map((found) => ({ ...found, id: each.id }))),
    ...findHazardsInScript(examined, { transactions: 'step' }).map((found) => ({
      ...found,
      id: examined[found.statementIndex]?.id,
    })),
  ]
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, id }) => `${id}: ${rule}`);
}

describe.each(FOLDERS.map((folder) => [relative(EXAMPLES, folder), folder]))('%s', (_, folder) => {
  it('has no error in its right phases, whether the target is known or not', () => {
    const steps = stepsOf(migrationIn(folder));
    expect(errorsOf(steps, undefined)).toEqual([]);
    expect(errorsOf(steps, LIVE)).toEqual([]);
  });

  it('has an error for each destructive step that is moved to expand', () => {
    // GIVEN
    const destructive = stepsOf(migrationIn(folder)).filter(isDestructive);

    // WHEN
    const unseen = destructive.filter((step) => {
      const moved = { ...step, phase: 'expand' as const satisfies HazardPhase };
      return errorsOf([moved], undefined).length === 0;
    });

    // THEN
    expect(unseen.map(({ id }) => id)).toEqual([]);
  });
});

/** What takes something away that was there before: drops, renames, what is switched off. */
function isDestructive({ sql, phase }: Step): boolean {
  const late = phase === 'contract' || phase === 'finalize';
  const [first] = examine(
    [{ statement: statementOf(parser, sql), phase }],
    contextOf(parser, { timeZoneUtc: true }),
  );
  const { destructive, breaksOldApplication, subcommands } = first?.classification ?? {};
  // Allowing NULL takes nothing away; drop-not-null warns of it.
  const relaxes = subcommands?.every((name) => name === 'drop-not-null') && subcommands.length > 0;
  return late && !relaxes && ((destructive?.length ?? 0) > 0 || breaksOldApplication !== undefined);
}

describe('the examples', () => {
  it('contain destructive steps to be moved', () => {
    const steps = FOLDERS.flatMap((folder) => stepsOf(migrationIn(folder)));
    expect(steps.filter(isDestructive).length).toBeGreaterThan(20);
  });
});
