import type { Aim } from './armed.ts';
import type { Story } from './migrations.ts';
import type { MakeTrouble } from './trouble.ts';

/** One (call x fault) of the matrix. */
export interface Cell {
  /** `<seam>/<call>/<fault>`, in words without spaces; what `--cell` takes. */
  readonly id: string;
  /** The table of the matrix that it belongs to. */
  readonly seam: string;
  /** Its row: which call, in which phase. */
  readonly call: string;
  /** Its column. */
  readonly fault: string;
  readonly story: Story;
  readonly aim: Aim;
  readonly trouble: MakeTrouble;
}

export interface CellParts {
  readonly seam: string;
  readonly call: string;
  readonly story?: Story;
  readonly aim: Aim;
  readonly faults: Readonly<Record<string, MakeTrouble>>;
}

/** A row of the matrix: one call under several faults. */
export function cellsOf({ seam, call, story = 'whole', aim, faults }: CellParts): readonly Cell[] {
  return Object.entries(faults).map(([fault, trouble]) => ({
    id: [seam, call, fault].map(slug).join('/'),
    seam,
    call,
    fault,
    story,
    aim,
    trouble,
  }));
}

const slug = (words: string): string =>
  words
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Some of the troubles of a table, by name. */
export function some<Name extends string>(
  troubles: Readonly<Record<Name, MakeTrouble>>,
  ...names: readonly Name[]
): Readonly<Record<string, MakeTrouble>> {
  return Object.fromEntries(names.map((name) => [name, troubles[name]]));
}
