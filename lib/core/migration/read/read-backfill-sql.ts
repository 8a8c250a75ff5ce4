import type { Statement } from '../../sql/split.ts';
import type { BackfillDeclaration } from '../format/backfill-format.ts';
import type { Problem } from '../problem.ts';
import type { SqlSource } from '../source/sql-source.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { tableNamed, writesOf } from './creations.ts';
import { MARKER_STAND_IN, RANGE_MARKER, rangeMarkers, withoutMarkers } from './range-marker.ts';
import type { WorkRead } from './read-backfill.ts';
import { readSql, STEP_SQL } from './read-sql.ts';
import { readStatements } from './read-statements.ts';
import { type Reading, reportAt } from './reading.ts';
import { kindOf } from './sql-tree.ts';

const WRITES: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt']);

/** A backfill of the form `sql`: one INSERT, UPDATE or DELETE with one `:range`. */
export function readBackfillSql(
  reading: Reading,
  path: ValuePath,
  declared: BackfillDeclaration,
): WorkRead | undefined {
  if (declared.where !== undefined) {
    reportAt(reading, [...path, 'where'], {
      rule: 'one-of',
      message: 'where has no meaning beside sql',
      expected: 'where only beside set',
      fix: `write the condition inside the SQL, beside ${RANGE_MARKER}`,
    });
  }
  const source = readSql(reading, path, declared, STEP_SQL);
  if (source === undefined) return undefined;
  const markers = rangeMarkers(reading.parser, source.sql) ?? regexMarkers(source.sql);
  const statements = readStatements(reading, parsable(source, markers));
  const problem = statements && problemOf(source, statements, markers);
  if (problem !== undefined) reading.problems.push(problem);
  const [statement] = statements ?? [];
  if (statement === undefined || problem !== undefined) return undefined;
  return {
    work: {
      kind: 'sql',
      sql: source.sql.slice(statement.start, statement.end),
      alias: declared.alias ?? tableNamed(declared.table).name,
    },
    writes: writesOf(statement.node),
  };
}

/** The source with its markers replaced, while its problems still show what the author wrote. */
function parsable(source: SqlSource, markers: readonly number[]): SqlSource {
  return {
    ...source,
    sql: withoutMarkers(source.sql, markers),
    problemAt: (offset, problem) =>
      source.problemAt(offset, {
        ...problem,
        message: problem.message.replaceAll(MARKER_STAND_IN, RANGE_MARKER),
      }),
  };
}

/** Only where the lexer gives up: good enough to reach the syntax error that made it do so. */
function regexMarkers(sql: string): readonly number[] {
  return [...sql.matchAll(/(?<!:):range\b/gi)].map((match) => match.index);
}

function problemOf(
  source: SqlSource,
  statements: readonly Statement[],
  markers: readonly number[],
): Problem | undefined {
  const [statement, second] = statements;
  if (second !== undefined) {
    return source.problemAt(second.start, {
      rule: 'not-a-write',
      message: `the backfill has ${statements.length} statements`,
      expected: 'one INSERT, UPDATE or DELETE',
      fix: 'write one backfill for each statement',
    });
  }
  if (statement !== undefined && !WRITES.has(kindOf(statement.node))) {
    return source.problemAt(statement.start, {
      rule: 'not-a-write',
      message: 'the SQL of a backfill does not write rows',
      expected: 'one INSERT, UPDATE or DELETE',
    });
  }
  if (markers.length === 1) return undefined;
  return source.problemAt(markers[1] ?? 0, {
    rule: 'range-marker',
    message:
      markers.length === 0
        ? `the SQL has no ${RANGE_MARKER}, so each batch would do all the work`
        : `the SQL has ${RANGE_MARKER} ${markers.length} times`,
    expected: `${RANGE_MARKER} once, where the condition on the key of the table belongs`,
    ...(markers.length === 0 && { fix: `where ${RANGE_MARKER}` }),
  });
}
