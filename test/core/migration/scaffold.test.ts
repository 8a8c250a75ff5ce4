import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MigrationId, parseMigrationId } from '../../../lib/core/ids.ts';
import { nextMigrationId, scaffoldMigration } from '../../../lib/core/migration/scaffold.ts';
import { parsedMigration } from './migration-text.ts';

const TITLES = fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }));

describe('scaffoldMigration', () => {
  it('is a valid migration with steps in expand, backfill and validate', () => {
    const files = scaffoldMigration('Add billing: whole cents');
    const migration = parsedMigration(files.get('migration.yaml') ?? '');
    expect(migration.title).toBe('Add billing: whole cents');
    expect(migration.expand).toHaveLength(1);
    expect(migration.backfill).toHaveLength(1);
    expect(migration.validate).toHaveLength(1);
  });

  it('is valid, too, with its commented examples', () => {
    const text = scaffoldMigration('x').get('migration.yaml') ?? '';
    const migration = parsedMigration(text.replace(/^# ?(?=(contract|finalize|gates| {2}))/gm, ''));
    expect(migration.contract).toHaveLength(1);
    expect(migration.finalize).toHaveLength(1);
  });

  it('tells editors where the schema is', () => {
    const text = scaffoldMigration('x', '../../schema/migration.schema.json').get('migration.yaml');
    expect(text?.split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../schema/migration.schema.json',
    );
  });

  it('keeps any title', () => {
    fc.assert(
      fc.property(
        TITLES.filter((title) => /\S/.test(title)),
        (title) => {
          const text = scaffoldMigration(title).get('migration.yaml') ?? '';
          expect(parsedMigration(text).title).toBe(title);
        },
      ),
    );
  });
});

describe('nextMigrationId', () => {
  const ids = (...names: readonly string[]) => names as readonly string[] as readonly MigrationId[];

  it.each([
    ['Add billing', ids(), '0001_add_billing'],
    ['Add billing', ids('0009_a', '0002_b'), '0010_add_billing'],
    ['Räume öffnen!', ids('20260101120000_a'), '20260101120001_raume_offnen'],
    ['東京', ids(), '0001_migration'],
  ])('makes an id from %s', (title, existing, id) => {
    expect(nextMigrationId(title, existing)).toBe(id);
  });

  it('is always an id', () => {
    fc.assert(
      fc.property(TITLES, (title) => {
        const id = nextMigrationId(title, ids('0041_x'));
        expect(parseMigrationId(id)).toBe(id);
      }),
    );
  });
});
