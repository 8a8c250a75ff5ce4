import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SyncRule } from '../../../lib/core/operations/lowered.ts';
import type { ColumnModel } from '../../../lib/core/operations/schema-model.ts';
import { gatherSync } from '../../../lib/core/operations/sync/gather-sync.ts';
import { whyNotToldApart } from '../../../lib/core/operations/sync/why-not-told-apart.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { columnOf, modelOf, tableOf } from './models.ts';

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

const NOT_CHANGED = { shadow: undefined, up: undefined, backfill: false };

/** Drops column `c`, whose value for new rows is `down`, beside what else is done to the table. */
function because(
  c: Partial<ColumnModel>,
  {
    down = `'gone'`,
    versionSchema,
    added = false,
  }: Readonly<{ down?: string; versionSchema?: string; added?: boolean }> = {},
): string | undefined {
  const table = tableOf('t', [], { columns: [columnOf('c', c)] });
  const drop: SyncRule = { ...NOT_CHANGED, table, oldColumn: 'c', newColumn: undefined, down };
  const add: SyncRule = {
    ...NOT_CHANGED,
    table,
    oldColumn: undefined,
    newColumn: 'd',
    shadow: 'd',
    up: 'c',
    down: undefined,
  };
  const after = modelOf([tableOf('t', ['d'])]);
  const context = { parser, before: modelOf([table]), after, versionSchema };
  const [sync] = gatherSync(added ? [drop, add] : [drop], context);
  return sync && whyNotToldApart(sync)?.refusal.why;
}

describe('down of a dropped column', () => {
  it('needs a version where an INSERT without the column may be either application’s', () => {
    expect(because({})).toMatch(/^column c of t may be NULL, so an INSERT without it/);
    expect(because({ notNull: true, default: '7' })).toMatch(/^column c of t has a default/);
    expect(because({}, { versionSchema: 'public_0001' })).toBeUndefined();
  });

  it('goes without where the old application always gives a value', () => {
    expect(because({ notNull: true })).toBeUndefined();
  });

  it('goes without where it reads a column that only the new application knows', () => {
    expect(because({}, { down: 'd', added: true })).toBeUndefined();
    expect(because({}, { added: true })).toMatch(/^column c of t may be NULL/);
  });
});
