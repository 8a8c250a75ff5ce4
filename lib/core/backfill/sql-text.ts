/**
 * A string literal that PostgreSQL reads as exactly this text, whatever
 * `standard_conforming_strings` says. Backslashes are doubled in an `E` string, quotes are doubled
 * in both forms, so a lexer that knows only one of the two forms finds the same end.
 */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** A name as it is stored in the catalog, always quoted. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const QUOTED = /^"(?:[^"]|"")+"$/;

/**
 * The stored name behind an identifier as a migration writes it: `total` and `"total"` are the
 * same column. The file format allows no upper case outside of quotes, so nothing is folded.
 */
export function storedName(written: string): string {
  return QUOTED.test(written) ? written.slice(1, -1).replaceAll('""', '"') : written;
}

/** `"public"."invoices"` */
export function quoteQualified(name: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.name)}`;
}

/** Errs towards yes, as for a column `selected`: what depends on it is only faster without one. */
export function mayHaveSubquery(sql: string): boolean {
  return /select/i.test(sql);
}
