import type { Finding } from '../hazards/finding.ts';
import type { SourceLocation } from '../migration/migration.ts';
import type { LintFinding } from './lint-report.ts';

/** Enough to recognize a statement. */
const FRAME_LINES = 3;

/** A finding about the statement that begins at a place. */
export function placeFinding(
  finding: Omit<Finding, 'relation' | 'duration'>,
  { file, line, column }: SourceLocation,
  text: string,
): LintFinding {
  const { rule, severity, message, why, blocks, saferRewrite, link } = finding;
  const frame = statementFrame(text, line);
  return {
    file,
    line,
    column,
    rule,
    severity,
    message,
    why,
    blocks: blocks.what,
    saferRewrite,
    link,
    frame,
  };
}

/** The first lines of a statement, numbered as in its file, with a caret under its beginning. */
function statementFrame(text: string, line: number): string {
  const all = text.split(/\r\n|\n|\r/);
  const shown = all.slice(0, FRAME_LINES);
  const width = String(line + shown.length - 1).length;
  const numbered = shown.map((each, index) =>
    `${String(line + index).padStart(width)} | ${each}`.trimEnd(),
  );
  const [first = '', ...rest] = numbered;
  const blank = `${' '.repeat(width)} |`;
  return [first, `${blank} ^`, ...rest, ...(all.length > FRAME_LINES ? [`${blank} ...`] : [])].join(
    '\n',
  );
}
