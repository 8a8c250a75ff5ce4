import { beforeAll, describe, expect, it } from '@jest/globals';
import { operationNamed } from '../../../lib/core/operations/all-operations.ts';
import type { Refusal } from '../../../lib/core/operations/operation-kind.ts';
import type { SchemaModel } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import type { Operation } from './execution-cases.ts';
import { contextOf, modelOf, tableOf } from './models.ts';

/*
 * Operations of one migration: their steps run phase by phase, and a way back newest first. What the
 * names in a later phase would no longer mean is refused.
 */
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const check = {
  kind: 'check',
  columns: ['a'],
  definition: 'CHECK ((a <> b))',
  validated: true,
  references: undefined,
} as const;
const index = {
  name: 'i',
  definition: 'CREATE INDEX i ON public.t USING btree (a)',
  unique: false,
  primary: false,
  columns: ['a'],
  valid: true,
  constraint: undefined,
} as const;
const before = modelOf([
  tableOf('t', ['a', 'b'], { constraints: [{ ...check, name: 'c' }], indexes: [index] }),
]);

/** The refusal of the last one. @throws when one before it is refused */
function lastRefusal(
  operations: readonly Operation[],
  versionSchema?: string,
): Refusal | undefined {
  let model: SchemaModel = before;
  for (const [place, operation] of operations.entries()) {
    const [[name, declared] = ['', {}]] = Object.entries(operation);
    const kind = operationNamed(name);
    const context = contextOf(parser, model, { before, versionSchema });
    const outcome = kind.lower(kind.format.parse(declared), context);
    if (outcome.kind === 'lowered') model = outcome.lowered.after;
    else if (place === operations.length - 1) return outcome;
    else throw new Error(outcome.why);
  }
  return undefined;
}

const rename = { rename_table: { from: 't', to: 'u' } };
const addTo = (table: string) => ({
  add_column: { table, column: { name: 'n', type: 'int', nullable: true } },
});
const toUpper = (table: string) => ({
  alter_column: { table, column: 'a', nullable: false, up: "coalesce(a, '')", down: 'a' },
});

describe('two operations on one table', () => {
  it.each<[string, readonly Operation[], RegExp]>([
    [
      'a column behind the view of a new name',
      [rename, addTo('u')],
      /until contract the new name is a view of the columns as they were/,
    ],
    ['the same with a shadow', [rename, toUpper('u')], /view of the columns as they were/],
    [
      'a view over a column with a shadow',
      [toUpper('t'), rename],
      /this migration changes columns of t as well/,
    ],
    [
      'two names',
      [rename, { rename_table: { from: 'u', to: 'v' } }],
      /renames the table t already/,
    ],
    [
      'the old name',
      [rename, addTo('t')],
      /an operation before this one drops or renames the table t/,
    ],
    [
      'a column of an index that has to be built again',
      [{ drop_index: { name: 'i' } }, toUpper('t')],
      /earlier operation of this migration changes column a/,
    ],
    [
      'a column of an index that is being replaced',
      [{ replace_index: { name: 'i', table: 't', columns: ['b'] } }, toUpper('t')],
      /changes column a/,
    ],
    [
      'a column of a constraint with two names',
      [{ rename_constraint: { table: 't', from: 'c', to: 'd' } }, toUpper('t')],
      /changes column a/,
    ],
    [
      'a table that is still being changed',
      [addTo('t'), { drop_table: { name: 't' } }],
      /this migration changes the table t as well/,
    ],
    [
      'a constraint of a table that goes',
      [{ drop_constraint: { table: 't', name: 'c' } }, { drop_table: { name: 't' } }],
      /changes the table t as well/,
    ],
    [
      'an index of its own',
      [{ create_index: { name: 'j', table: 't', columns: ['a'] } }, { drop_index: { name: 'j' } }],
      /creates the index j itself/,
    ],
  ])('%s: the second is refused', (_, operations, why) => {
    expect(lastRefusal(operations)?.why).toMatch(why);
  });

  it.each<[string, readonly Operation[], string | undefined]>([
    ['a column, then the view of the new name', [addTo('t'), rename], undefined],
    [
      'a new name in a versioned schema, then a column',
      [rename, addTo('u'), toUpper('u')],
      'public_v',
    ],
    [
      'an index on a table with a new name',
      [rename, { create_index: { name: 'j', table: 'u', columns: ['a'] } }],
      undefined,
    ],
    [
      'a constraint, then a shadow that gets it too',
      [
        { create_constraint: { table: 't', name: 'n', type: 'unique', columns: ['a'] } },
        toUpper('t'),
      ],
      undefined,
    ],
    [
      'an index dropped from a table with a new name',
      [{ drop_index: { name: 'i' } }, rename],
      undefined,
    ],
  ])('%s: both are done', (_, operations, versionSchema) => {
    expect(lastRefusal(operations, versionSchema)).toBeUndefined();
  });
});
