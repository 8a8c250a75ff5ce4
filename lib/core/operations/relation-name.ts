import { text, textLike } from '../migration/format/vocabulary.ts';
import type { SqlName } from '../sql/sql-name.ts';
import { MAX_NAME_BYTES } from './names.ts';

/** A name as the catalog stores it, or in double quotes when it contains a dot or a quote. */
const PART = '(?:[^".]+|"(?:[^"]|"")+")';
const RELATION = new RegExp(`^${PART}(?:\\.${PART})?$`);

/**
 * The name of a table, index or type: `invoices`, `billing.invoices`, `"odd.name"`. As with pgroll,
 * a name is what the catalog stores: `Invoices` is written without quotes and is not folded.
 */
export function relationNameFormat(expected: string) {
  return textLike(RELATION, expected).refine(
    (found) => !RELATION.test(found) || isShort(readRelationName(found).name),
    { error: TOO_LONG },
  );
}

/** The name of a column or a constraint, as the catalog stores it: never quoted. */
export function nameFormat(expected: string) {
  return text(expected).refine(isShort, { error: TOO_LONG });
}

const TOO_LONG = `a name of at most ${MAX_NAME_BYTES} bytes: PostgreSQL would cut it`;

function isShort(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

/** Reads what `relationNameFormat` accepted. */
export function readRelationName(written: string): SqlName {
  const [first = written, second] = (written.match(new RegExp(PART, 'g')) ?? []).map(unquote);
  return second === undefined
    ? { schema: undefined, name: first }
    : { schema: first, name: second };
}

function unquote(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
