import { parseArgs } from 'node:util';

/** What is asked of `scripts/faults.ts`. */
export type FaultOptions =
  | { readonly kind: 'list'; readonly only: RegExp }
  | {
      readonly kind: 'matrix';
      readonly only: RegExp;
      /** Exactly this cell. @default - all that `only` lets through */
      readonly cell: string | undefined;
      /** So many, chosen by the seed. @default - all */
      readonly sample: number | undefined;
      /** Of the order of the cells and of the sample. */
      readonly seed: number;
      readonly out: string | undefined;
    }
  | {
      readonly kind: 'kills';
      readonly kills: number;
      readonly perRun: number;
      readonly seed: number;
      readonly rows: number;
      readonly out: string | undefined;
    };

export const USAGE = `usage: node scripts/faults.ts [--seed 1] [--only pattern] [--sample n] [--cell id] [--list]
       node scripts/faults.ts --kills 100 [--per-run 1] [--seed 1] [--rows 5000]
       --out <directory> of the page and the facts (default: docs for a whole matrix and for kills)
       --dry writes nothing`;

/** @throws TypeError for an unknown option or a value that is not a number */
export function parseOptions(argv: readonly string[]): FaultOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      sample: { type: 'string' },
      cell: { type: 'string' },
      list: { type: 'boolean', default: false },
      kills: { type: 'string' },
      'per-run': { type: 'string', default: '1' },
      rows: { type: 'string', default: '5000' },
      out: { type: 'string' },
      dry: { type: 'boolean', default: false },
    },
  });
  const seed = wholeNumber('seed', values.seed);
  const only = new RegExp(values.only ?? '');
  if (values.list) return { kind: 'list', only };
  const written = values.dry ? undefined : values.out;
  if (values.kills !== undefined) {
    return {
      kind: 'kills',
      kills: wholeNumber('kills', values.kills),
      perRun: Math.max(1, wholeNumber('per-run', values['per-run'])),
      seed,
      rows: wholeNumber('rows', values.rows),
      out: written ?? (values.dry ? undefined : 'docs'),
    };
  }
  const { cell } = values;
  const sample = values.sample === undefined ? undefined : wholeNumber('sample', values.sample);
  const whole = cell === undefined && sample === undefined && values.only === undefined;
  return {
    kind: 'matrix',
    only,
    cell,
    sample,
    seed,
    out: written ?? (whole && !values.dry ? 'docs' : undefined),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`--${name} is a whole number, got ${text}`);
  return Number(text);
}
