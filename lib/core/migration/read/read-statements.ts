import { type Statement, split } from '../../sql/split.ts';
import type { Problem } from '../problem.ts';
import type { SqlSource } from '../source/sql-source.ts';
import type { Reading } from './reading.ts';
import { kindOf, nodesOf } from './sql-tree.ts';

/** The statements of an SQL text; nothing when it cannot be used, which is then a problem. */
export function readStatements(
  reading: Reading,
  source: SqlSource,
): readonly Statement[] | undefined {
  const outcome = split(reading.parser, source.sql);
  if (outcome.kind === 'syntax-error') {
    reading.problems.push(syntaxProblem(source, outcome.offset, outcome.message));
    return undefined;
  }
  if (outcome.statements.length === 0) {
    reading.problems.push(
      source.problemAt(0, {
        rule: 'empty-sql',
        message: 'the SQL holds no statement',
        expected: 'one statement at least',
      }),
    );
    return undefined;
  }
  const refused = outcome.statements.flatMap((statement) => {
    const problem = refusal(statement);
    return problem === undefined ? [] : [source.problemAt(statement.start, problem)];
  });
  reading.problems.push(...refused);
  return refused.length > 0 ? undefined : outcome.statements;
}

/** PostgreSQL's own words, or better ones where psql's language was written. */
export function syntaxProblem(source: SqlSource, offset: number, message: string): Problem {
  if (source.sql.charAt(offset) !== '\\') {
    return source.problemAt(offset, { rule: 'sql-syntax', message });
  }
  const command = /^\\[^\s]*/.exec(source.sql.slice(offset))?.[0] ?? '\\';
  return source.problemAt(offset, {
    rule: 'psql-command',
    message: `${command} is a command of psql, not SQL`,
    expected: 'SQL that any client can send',
    fix: `remove ${command}`,
  });
}

type Refusal = Omit<Problem, 'location' | 'frame'>;

/** What no step may do, because it belongs to the runner or to a client. */
function refusal({ node, text }: Statement): Refusal | undefined {
  const words = text.split(/\s+/, 1)[0] ?? '';
  switch (kindOf(node)) {
    case 'TransactionStmt':
      return {
        rule: 'transaction-control',
        message: `${words} controls a transaction`,
        expected: 'statements only; each runs in a transaction of its own where that is possible',
        fix: `remove ${words}`,
      };
    case 'VariableSetStmt':
    case 'DiscardStmt':
      return {
        rule: 'session-setting',
        message: `${words} changes a setting of the session`,
        expected: 'names with their schema; timeouts are set for each statement by its kind',
        fix: `remove ${words}`,
      };
    case 'CopyStmt':
      return isClientCopy(node) ? CLIENT_COPY : undefined;
    default:
      return undefined;
  }
}

const CLIENT_COPY: Refusal = {
  rule: 'client-copy',
  message: 'COPY here would read from or write to a client',
  expected: 'rows in an INSERT',
};

function isClientCopy(node: Statement['node']): boolean {
  return nodesOf(node, 'CopyStmt').some((copy) => copy.filename === undefined);
}
