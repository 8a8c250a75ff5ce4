import type pg from 'pg';
import type { Session } from '../../../lib/ports/database.ts';
import { fingerprintLines } from '../../../lib/postgres/fingerprint.ts';
import type { Place } from './place.ts';

/** A schema as lines and its rows as text, so that two databases can be compared. */
export interface Picture {
  readonly schema: readonly string[];
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

export interface PictureOptions {
  /** Schemas that are not part of it, such as those of versions. */
  readonly without?: readonly string[];
  /** Columns whose values nobody can foretell. */
  readonly unpredictable?: readonly string[];
  /** The beginning of a line that the way back leaves as the way there made it. */
  readonly remains?: string;
  /** Whether the order of columns counts. @default false */
  readonly columnOrder?: boolean;
}

export async function pictureOf(
  { pool, database }: Pick<Place, 'pool' | 'database'>,
  options: PictureOptions = {},
): Promise<Picture> {
  return { schema: await schemaOf(database, options), rows: await rowsOf(pool, options) };
}

async function schemaOf(
  session: Session,
  { without = [], columnOrder = false }: PictureOptions,
): Promise<readonly string[]> {
  const lines = await fingerprintLines(session);
  const outside = (name: string) =>
    !without.some((schema) => name === quoted(schema) || name.startsWith(`${quoted(schema)}.`));
  return lines
    .filter(({ name }) => outside(name))
    .map(({ kind, name, definition }) => {
      const said = kind === 'column' && !columnOrder ? definition.replace(/^\d+ /, '') : definition;
      return `${kind} ${name}: ${said}`;
    })
    .sort();
}

const quoted = (name: string) =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

async function rowsOf(
  pool: pg.Pool,
  { without = [], unpredictable = [] }: PictureOptions,
): Promise<Picture['rows']> {
  const { rows: tables } = await pool.query<{ name: string; shown: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', 'lockkeeper') and n.nspname <> all ($1)
     order by 1`,
    [without],
  );
  const contents: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ line: string }>(
      `select (to_jsonb(t) - $1::text[])::text as line from ${name} t order by 1`,
      [unpredictable],
    );
    contents[name] = rows.map(({ line }) => line);
  }
  return contents;
}

/** What differs, shortly; empty when nothing does. */
export function differences(expected: Picture, found: Picture): readonly string[] {
  return [
    ...listDifferences('', expected.schema, found.schema),
    ...[...new Set([...Object.keys(expected.rows), ...Object.keys(found.rows)])].flatMap((name) =>
      listDifferences(`${name} `, expected.rows[name] ?? [], found.rows[name] ?? []),
    ),
  ];
}

function listDifferences(
  prefix: string,
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  const missing = without(expected, found).map((line) => `- ${prefix}${line}`);
  const added = without(found, expected).map((line) => `+ ${prefix}${line}`);
  return [...missing, ...added];
}

/** Each line as often as it is more often in the first list. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
