import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checksumOf } from '../../../lib/core/migration/checksum.ts';

const FILES: readonly (readonly [string, string])[] = [
  ['migration.yaml', 'version: 1\ntitle: Größe\n'],
  ['expand/a.sql', 'select 1;\n'],
];
const sum = (files: readonly (readonly [string, string])[]) => checksumOf(new Map(files));

const anyText = fc.string({
  unit: fc.constantFrom('a', 'é', '🚢', ' ', '\t', '\n', '\r', '-', '0'),
});
const anyPath = fc.constantFrom('migration.yaml', 'a.sql', 'b.sql', 'expand/a.sql', 'é/ö.sql');
const anyFiles = fc.uniqueArray(fc.tuple(anyPath, anyText), {
  minLength: 1,
  selector: ([path]) => path,
});
/** The content that the rule promises to look at. */
const canonical = (text: string) => text.replaceAll('\r\n', '\n').replace(/\n+$/, '');

describe('checksumOf', () => {
  it('never changes: this value is in the ledgers of users', () => {
    expect(sum(FILES)).toMatchInlineSnapshot(
      `"593ec024e1c57673d41f04743c914221e4f5b7b032a03b6b28158267ebaaf2b0"`,
    );
  });

  it('does not depend on the order of the files', () => {
    fc.assert(
      fc.property(anyFiles, fc.func(fc.integer()), (files, weight) => {
        const shuffled = files.toSorted(([left], [right]) => weight(left) - weight(right));
        expect(sum(shuffled)).toBe(sum(files));
        expect(sum(files.toReversed())).toBe(sum(files));
      }),
    );
  });

  it('does not depend on line ends, a byte order mark or the end of a file', () => {
    fc.assert(
      fc.property(anyFiles, fc.integer({ min: 0, max: 3 }), (files, lines) => {
        const windows = files.map(([path, text]) => {
          const plain = text.replaceAll('\r', '');
          return [
            [path, plain],
            [path, `\uFEFF${`${plain}${'\n'.repeat(lines)}`.replaceAll('\n', '\r\n')}`],
          ] as const;
        });
        expect(sum(windows.map(([, changed]) => changed))).toBe(sum(windows.map(([same]) => same)));
      }),
    );
  });

  it('changes with any other change of a content', () => {
    fc.assert(
      fc.property(anyFiles, fc.nat(), anyText, (files, which, text) => {
        const index = which % files.length;
        const changed = files.map(([path, old], at) => [path, at === index ? text : old] as const);
        const isSame = canonical(text) === canonical(files[index]?.[1] ?? '');
        expect(sum(changed) === sum(files)).toBe(isSame);
      }),
    );
  });

  it('changes when a file gets another name, comes or goes', () => {
    fc.assert(
      fc.property(anyFiles, anyText, (files, text) => {
        const [[path = '', old = ''] = [], ...rest] = files;
        expect(sum([['other.sql', old], ...rest])).not.toBe(sum(files));
        expect(sum([...files, ['other.sql', text]])).not.toBe(sum(files));
        expect(sum(rest)).not.toBe(sum([[path, old], ...rest]));
      }),
    );
  });

  it('changes when a line moves from the end of one file to the start of the next', () => {
    expect(
      sum([
        ['a.sql', 'x\ny\n'],
        ['b.sql', 'z\n'],
      ]),
    ).not.toBe(
      sum([
        ['a.sql', 'x\n'],
        ['b.sql', 'y\nz\n'],
      ]),
    );
  });

  it('leaves out what is no part of the migration', () => {
    const more = [
      ['README.md', 'why'],
      ['.idea/x.sql', 'x'],
      ['migration.yaml.orig', 'x'],
      ['expand/migration.yaml', 'x'],
    ] as const;
    expect(sum([...FILES, ...more])).toBe(sum(FILES));
  });
});
