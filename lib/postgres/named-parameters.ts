/** A statement whose `:name` markers became PostgreSQL's own `$1` parameters. */
export interface BoundStatement {
  readonly text: string;
  /** Parameter names by position: `order[0]` belongs to `$1`. Each name appears once. */
  readonly order: readonly string[];
  /** Markers that look like parameters but were not among the names. */
  readonly missing: readonly string[];
}

/**
 * One token of SQL whose inside must be left alone, or one marker. Alternatives are ordered: a
 * comment or a string always wins over what seems to be inside it.
 * `E'..'` has backslash escapes, plain strings do not (standard_conforming_strings is on).
 * A dollar quote cannot start inside an identifier (`a$b$` is a name), so identifiers are eaten whole.
 */
const TOKEN =
  /--[^\n]*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|::|:=|(?<comment>\/\*)|(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$)|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*|:(?<marker>[A-Za-z0-9_]+)/y;

/**
 * Replaces `:name` markers by `$n`, the way the Data API does, without touching strings, quoted
 * identifiers, dollar quotes, comments, casts (`::`) or `:=`. A marker that starts with a digit
 * counts only when it is one of the names, so that the array slice `a[1:2]` stays a slice.
 * @param names the names of the parameters that were sent with the statement
 */
export function bindNamed(sql: string, names: Iterable<string>): BoundStatement {
  const known = new Set(names);
  const order: string[] = [];
  const missing = new Set<string>();
  let text = '';
  let at = 0;
  while (at < sql.length) {
    const end = tokenEnd(sql, at);
    const marker = end.marker;
    if (marker !== undefined && known.has(marker)) {
      if (!order.includes(marker)) order.push(marker);
      text += `$${order.indexOf(marker) + 1}`;
    } else {
      if (marker !== undefined && !/^[0-9]/.test(marker)) missing.add(marker);
      text += sql.slice(at, end.at);
    }
    at = end.at;
  }
  return { text, order, missing: [...missing] };
}

interface TokenEnd {
  /** Index of the first character after the token. */
  readonly at: number;
  readonly marker?: string;
}

function tokenEnd(sql: string, at: number): TokenEnd {
  TOKEN.lastIndex = at;
  const match = TOKEN.exec(sql);
  // An unterminated string or quoted name matches nothing: step on, PostgreSQL will complain.
  if (match === null) return { at: at + 1 };
  const { comment, dollar, marker } = match.groups ?? {};
  const end = at + match[0].length;
  if (marker !== undefined) return { at: end, marker };
  if (comment !== undefined) return { at: commentEnd(sql, end) };
  if (dollar !== undefined) return { at: dollarQuoteEnd(sql, end, dollar) };
  return { at: end };
}

/** Block comments nest in PostgreSQL. @param from just after the opening mark */
function commentEnd(sql: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const mark = marks.exec(sql);
    if (mark === null) return sql.length;
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

function dollarQuoteEnd(sql: string, from: number, tag: string): number {
  const closing = sql.indexOf(tag, from);
  return closing === -1 ? sql.length : closing + tag.length;
}
