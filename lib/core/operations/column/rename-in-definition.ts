import type { SqlParser, SqlToken } from '../../sql/parser.ts';
import { quoteName } from '../../sql/sql-name.ts';

/**
 * A definition as the catalog prints it (pg_get_indexdef, pg_get_constraintdef), with a column under
 * another name. PostgreSQL prints columns there without their table, so a name is the column unless
 * it is a type (`::name`), a part of something qualified, a collation or a function.
 * @param until only the text up to here is the column's own: a foreign key names columns of two tables
 */
export function renameInDefinition(
  parser: SqlParser,
  definition: string,
  from: string,
  to: string,
  until: number = definition.length,
): string {
  const tokens = parser.tokens(definition);
  const found = tokens.filter(
    (token, index) => token.end <= until && isColumn(definition, tokens, index, from),
  );
  return found.reduceRight(
    (text, { start, end }) => `${text.slice(0, start)}${quoteName(to)}${text.slice(end)}`,
    definition,
  );
}

function isColumn(
  definition: string,
  tokens: readonly SqlToken[],
  index: number,
  column: string,
): boolean {
  const textAt = (at: number) => {
    const token = tokens[at];
    return token === undefined ? '' : definition.slice(token.start, token.end);
  };
  if (nameOf(textAt(index)) !== column) return false;
  const before = textAt(index - 1).toLowerCase();
  return !['::', '.', 'collate'].includes(before) && !['.', '('].includes(textAt(index + 1));
}

/** The stored name that a token stands for; a literal and an operator stand for none. */
function nameOf(token: string): string | undefined {
  if (token.startsWith('"')) return token.slice(1, -1).replaceAll('""', '"');
  return /^[a-z_\u0080-\uffff]/i.test(token) ? token.toLowerCase() : undefined;
}

/** Where the column list of a foreign key ends, and the other table's begins. */
export function endOfOwnColumns(parser: SqlParser, definition: string): number {
  const references = parser
    .tokens(definition)
    .find(({ start, end }) => definition.slice(start, end).toLowerCase() === 'references');
  return references?.start ?? definition.length;
}

/** `CREATE [UNIQUE] INDEX CONCURRENTLY <name> ON ...` of an index's definition. */
export function concurrentIndex(parser: SqlParser, definition: string, name: string): string {
  const tokens = parser.tokens(definition);
  const at = tokens.findIndex(
    ({ start, end }) => definition.slice(start, end).toLowerCase() === 'index',
  );
  const word = tokens[at];
  const old = tokens[at + 1];
  if (word === undefined || old === undefined) return definition;
  return `${definition.slice(0, word.end)} concurrently ${quoteName(name)}${definition.slice(old.end)}`;
}
