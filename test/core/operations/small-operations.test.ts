import { beforeAll, describe, expect, it } from '@jest/globals';
import { addEnumValue } from '../../../lib/core/operations/add-enum-value.ts';
import type { IndexModel, TableModel } from '../../../lib/core/operations/schema-model.ts';
import { setReplicaIdentity } from '../../../lib/core/operations/set-replica-identity.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import {
  acts,
  columnOf,
  contextOf,
  lowerTo,
  modelOf,
  refusalOf,
  tableOf,
  undos,
} from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

describe('add_enum_value', () => {
  const context = () =>
    contextOf(
      parser,
      modelOf([], { enums: [{ schema: 'public', name: 'Mood', labels: ['sad', 'ok'] }] }),
    );

  it.each([
    [{ value: "it's" }, `alter type "Mood" add value if not exists 'it''s'`, ['sad', 'ok', "it's"]],
    [
      { value: 'meh', before: 'ok' },
      `alter type "Mood" add value if not exists 'meh' before 'ok'`,
      ['sad', 'meh', 'ok'],
    ],
    [
      { value: 'meh', after: 'sad' },
      `alter type "Mood" add value if not exists 'meh' after 'sad'`,
      ['sad', 'meh', 'ok'],
    ],
    [
      { value: 'ok', after: 'sad' },
      `alter type "Mood" add value if not exists 'ok' after 'sad'`,
      ['sad', 'ok'],
    ],
    [{ value: 'sad' }, `alter type "Mood" add value if not exists 'sad'`, ['sad', 'ok']],
  ])('WHEN %j is added THEN it has its place: %s', (declared, sql, labels) => {
    const lowered = lowerTo(addEnumValue, { type: 'Mood', ...declared }, context());
    expect(acts(lowered, 'expand')).toEqual([sql]);
    expect(undos(lowered, 'expand')).toEqual([]);
    expect(lowered.after.enums[0]?.labels).toEqual(labels);
  });

  it.each([
    [{ type: 'nope', value: 'x' }, 'there is no enum type nope'],
    [{ type: 'Mood', value: 'x', before: 'nope' }, 'the enum type Mood has no label nope'],
    [
      { type: 'Mood', value: 'x', before: 'ok', after: 'sad' },
      'a label stands before or after another one, not both',
    ],
    [
      { type: 'Mood', value: 'ok', before: 'sad' },
      'the enum type Mood has the label ok already, in another place',
    ],
  ])('WHEN %j is declared THEN it is refused: %s', (declared, why) => {
    expect(refusalOf(addEnumValue, declared, context()).why).toBe(why);
  });
});

describe('set_replica_identity', () => {
  const index = (name: string, more: Partial<IndexModel> = {}): IndexModel => ({
    name,
    definition: `CREATE UNIQUE INDEX ${name} ON public.t USING btree (id)`,
    unique: true,
    primary: false,
    columns: ['id'],
    valid: true,
    constraint: undefined,
    ...more,
  });
  const set = (identity: object, more: Partial<TableModel> = {}) => ({
    declared: { table: 't', identity },
    context: contextOf(parser, modelOf([tableOf('t', ['a'], more)])),
  });

  it('WHEN it is set THEN what it was before comes back', () => {
    const { declared, context } = set(
      { type: 'INDEX', index: 'Key' },
      { indexes: [index('Key')], replicaIdentity: { kind: 'full' } },
    );
    const lowered = lowerTo(setReplicaIdentity, declared, context);
    expect(acts(lowered, 'expand')).toEqual(['alter table t replica identity using index "Key"']);
    expect(undos(lowered, 'expand')).toEqual(['alter table t replica identity full']);
    expect(lowered.after.tables[0]?.replicaIdentity).toEqual({ kind: 'index', index: 'Key' });
  });

  it('GIVEN an index that is built after the backfill THEN it is set after that', () => {
    const columns = [columnOf('id', { notNull: true, changed: true })];
    const { declared, context } = set(
      { type: 'index', index: 'k' },
      { columns, indexes: [index('k')] },
    );
    expect(acts(lowerTo(setReplicaIdentity, declared, context), 'validate')).toHaveLength(1);
  });

  it.each([
    [{ type: 'full', index: 'k' }, [], 'index means nothing for full'],
    [{ type: 'index' }, [], 'type: index needs the name of an index'],
    [{ type: 'index', index: 'no' }, [], 'there is no index no on the table t'],
    [
      { type: 'index', index: 'k' },
      [index('k', { unique: false })],
      'the index k cannot identify rows of t: it is not unique',
    ],
    [
      { type: 'index', index: 'k' },
      [index('k', { columns: ['a'] })],
      'the index k cannot identify rows of t: a may be NULL',
    ],
    [
      { type: 'index', index: 'k' },
      [
        index('k', {
          definition: 'CREATE UNIQUE INDEX k ON public.t USING btree (id) WHERE (id > 3)',
        }),
      ],
      'the index k cannot identify rows of t: it is not over all rows',
    ],
  ])('WHEN %j is declared THEN it is refused', (identity, indexes, why) => {
    const { declared, context } = set(identity, { indexes });
    expect(refusalOf(setReplicaIdentity, declared, context).why).toBe(why);
  });
});
