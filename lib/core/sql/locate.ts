/** A place in a text, and the text around it for an error message. */
export interface Located {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** The line with up to two lines before it, numbered, and a caret under the column. */
  readonly frame: string;
}

/** Enough to recognize the statement, little enough to fit a terminal with several problems. */
const LINES_BEFORE = 2;

/**
 * @param offset UTF-16 offset; one outside the text counts as its nearest end
 */
export function locate(sql: string, offset: number): Located {
  const position = Math.max(0, Math.min(offset, sql.length));
  const lines = sql.split(/\r\n|\n|\r/);
  const before = sql.slice(0, position).split(/\r\n|\n|\r/);
  const line = before.length;
  const column = (before.at(-1) ?? '').length + 1;
  return { line, column, frame: frameOf(lines, line, column) };
}

function frameOf(lines: readonly string[], line: number, column: number): string {
  const width = String(line).length;
  const first = Math.max(1, line - LINES_BEFORE);
  const shown = lines
    .slice(first - 1, line)
    .map((text, index) => `${String(first + index).padStart(width)} | ${text}`.trimEnd());
  // Tabs stay tabs, so that the caret stands under its character whatever their width.
  const indent = (lines[line - 1] ?? '').slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [...shown, `${' '.repeat(width)} | ${indent}^`].join('\n');
}
