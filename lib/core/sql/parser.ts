import { hasSqlDetails, loadModule, type Node, parseSync, scanSync } from 'libpg-query';
import { locate } from './locate.ts';
import { byteOffsets, codePointOffset } from './offsets.ts';

/**
 * PostgreSQL 18's own grammar, compiled to WebAssembly. A value, so that it is loaded once at the
 * edge and passed to everything that must read SQL; every method is pure and synchronous.
 */
export interface SqlParser {
  /** Statements in order, or the first syntax error. */
  parse(sql: string): ParseOutcome;
  /** The lexer's tokens, comments among them. @throws SyntaxError where the lexer gives up */
  tokens(sql: string): readonly SqlToken[];
}

export type ParseOutcome =
  | { readonly kind: 'parsed'; readonly statements: readonly ParsedStatement[] }
  | SqlSyntaxError;

/** One parse tree and where the parser says it stands, in UTF-16 offsets, `end` exclusive. */
export interface ParsedStatement {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
}

export interface SqlToken {
  readonly start: number;
  readonly end: number;
  /** PostgreSQL's token name; `SQL_COMMENT` and `C_COMMENT` are the two kinds of comments. */
  readonly name: string;
}

export interface SqlSyntaxError {
  readonly kind: 'syntax-error';
  /** PostgreSQL's words, such as `syntax error at or near "selec"`. */
  readonly message: string;
  /** UTF-16 offset into the text. */
  readonly offset: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
}

/** Loads the grammar (about 20 ms, once a process). */
export async function loadParser(): Promise<SqlParser> {
  await loadModule();
  return { parse, tokens };
}

function parse(sql: string): ParseOutcome {
  const terminator = sql.indexOf('\0');
  // The grammar reads C strings: it would silently ignore all that follows a null character.
  if (terminator >= 0) {
    return syntaxError(sql, terminator, 'a null character cannot be part of SQL');
  }
  if (sql.trim() === '') return { kind: 'parsed', statements: [] };
  try {
    const { stmts = [] } = parseSync(withoutByteOrderMark(sql));
    const toUtf16 = byteOffsets(sql);
    const statements = stmts.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length }) => {
      const end = length === undefined ? sql.length : toUtf16(start + length);
      return stmt === undefined ? [] : [{ node: stmt, start: toUtf16(start), end }];
    });
    return { kind: 'parsed', statements };
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    // Unlike statement locations, error positions count code points.
    const position = error.sqlDetails?.cursorPosition ?? 0;
    const offset = codePointOffset(withoutByteOrderMark(sql), position) - addedBy(sql);
    return syntaxError(sql, offset, error.message);
  }
}

function tokens(sql: string): readonly SqlToken[] {
  const toUtf16 = byteOffsets(sql);
  return scanSync(printable(withoutByteOrderMark(sql))).tokens.map(({ start, end, tokenName }) => ({
    start: toUtf16(start),
    end: toUtf16(end),
    name: tokenName,
  }));
}

function syntaxError(sql: string, offset: number, message: string): SqlSyntaxError {
  const { line, column } = locate(sql, offset);
  return { kind: 'syntax-error', message, offset, line, column };
}

/** Editors on Windows start a file with one; psql skips it as well. A space of three bytes' width. */
function withoutByteOrderMark(sql: string): string {
  return sql.startsWith('\uFEFF') ? `   ${sql.slice(1)}` : sql;
}

/** By how many UTF-16 units the text grew in it. */
function addedBy(sql: string): number {
  return withoutByteOrderMark(sql).length - sql.length;
}

/**
 * The lexer's binding does not escape control characters in its JSON. They are one byte each and
 * occur inside literals and comments only, so a space in their place moves no token.
 */
function printable(sql: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
  return sql.replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, ' ');
}
