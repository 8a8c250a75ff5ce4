import Table from 'cli-table3';
import color from 'picocolors';

const NOTHING = '';
const EDGES = ['top', 'bottom', 'left', 'right'] as const;
const JOINS = ['', '-mid', '-left', '-right'] as const;

/** No lines: columns are told apart by two spaces, so that a row can be cut and pasted. */
const CHARS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(EDGES.flatMap((edge) => JOINS.map((join) => [edge + join, NOTHING]))),
  mid: NOTHING,
  'left-mid': NOTHING,
  'mid-mid': NOTHING,
  'right-mid': NOTHING,
  middle: '  ',
};

/** Headings and rows in columns; cells may hold colours. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const drawn = new Table({
    head: headings.map((heading) => color.dim(heading)),
    chars: CHARS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString().replaceAll(/ +$/gm, '');
}
