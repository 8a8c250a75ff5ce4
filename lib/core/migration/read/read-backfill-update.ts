import type { BackfillDeclaration } from '../format/backfill-format.ts';
import { type SqlSource, sqlInYaml } from '../source/sql-source.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { tableNamed, unquoted } from './creations.ts';
import type { WorkRead } from './read-backfill.ts';
import { syntaxProblem } from './read-statements.ts';
import type { Reading } from './reading.ts';

/** A backfill of the form `set` and `where`: each expression must parse where it will stand. */
export function readBackfillUpdate(
  reading: Reading,
  path: ValuePath,
  declared: BackfillDeclaration,
  set: Readonly<Record<string, string>>,
): WorkRead | undefined {
  const before = reading.problems.length;
  for (const [column, expression] of Object.entries(set)) {
    const source = sqlInYaml(reading.document, [...path, 'set', column], expression);
    readExpression(reading, source, `update t set ${column} = (\n`, '\n)');
  }
  if (declared.where !== undefined) {
    const source = sqlInYaml(reading.document, [...path, 'where'], declared.where);
    readExpression(reading, source, 'delete from t where (\n', '\n)');
  }
  if (declared.alias !== undefined) {
    reading.problems.push(
      sqlInYaml(reading.document, [...path, 'alias'], declared.alias).problemAt(0, {
        rule: 'one-of',
        message: 'alias has no meaning beside set',
        expected: 'alias only beside sql or file',
        fix: 'remove alias',
      }),
    );
  }
  if (reading.problems.length > before) return undefined;
  const table = tableNamed(declared.table);
  const columns = Object.keys(set).map(unquoted);
  return {
    work: { kind: 'update', set, where: declared.where },
    writes: [{ table, columns }],
  };
}

/**
 * Parses an expression in its place. The line breaks around it keep a comment at its end from
 * swallowing the parenthesis.
 */
function readExpression(reading: Reading, source: SqlSource, head: string, tail: string): void {
  const whole = `${head}${source.sql}${tail}`;
  const outcome = reading.parser.parse(whole);
  if (outcome.kind === 'parsed' && outcome.statements.length === 1) return;
  // An error behind the expression means that it is not finished: shown at its end.
  const found = outcome.kind === 'syntax-error' ? outcome.offset - head.length : 0;
  const last = Math.max(0, source.sql.trimEnd().length - 1);
  const message = outcome.kind === 'syntax-error' ? outcome.message : 'more than one statement';
  const problem = syntaxProblem(source, Math.max(0, Math.min(found, last)), message);
  reading.problems.push({ ...problem, expected: 'one SQL expression' });
}
