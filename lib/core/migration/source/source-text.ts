import { codeFrameColumns } from '@babel/code-frame';
import type { SourceLocation } from '../migration.ts';

/** A text with the name of the file it came from. */
export interface SourceText {
  /** As shown to the author, such as `migrations/0002_add_billing/migration.yaml`. */
  readonly file: string;
  readonly text: string;
}

/** The line and column (both 1-based, columns in UTF-16 units) of an offset in the text. */
export function locationAt(source: SourceText, offset: number): SourceLocation {
  const before = source.text.slice(0, Math.max(0, offset));
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { file: source.file, line, column: before.length - lineStart + 1 };
}

/** Two lines before the position and one after it, with a caret under the column. */
export function frameAt(source: SourceText, location: SourceLocation): string {
  const { line, column } = location;
  return codeFrameColumns(
    source.text,
    { start: { line, column } },
    { linesAbove: 2, linesBelow: 1 },
  );
}
