import type { Node } from 'libpg-query';
import type { Parsed, Problem } from '../../migration/problem.ts';
import { frameAt, locationAt, type SourceText } from '../../migration/source/source-text.ts';
import type { SqlParser } from '../../sql/parser.ts';
import { type Statement, split } from '../../sql/split.ts';
import { convertAlterTable } from './alter-table.ts';
import { asSql } from './as-sql.ts';
import { convertComment } from './comment.ts';
import type { Conversion, ConvertContext, ConvertedOperation } from './conversion.ts';
import { noOperation } from './conversion.ts';
import { convertCreateTable } from './create-table.ts';
import { convertDrop } from './drop.ts';
import { convertEnumValue } from './enum-value.ts';
import { convertIndex } from './index-statement.ts';
import { convertRename } from './rename.ts';
import { SqlText } from './sql-text.ts';

/**
 * Turns the statements of an SQL migration into operations, in their order. Either all of them can
 * be said so, or each that cannot is a problem with its place and why.
 */
export function convertSql(
  source: SourceText,
  parser: SqlParser,
): Parsed<readonly ConvertedOperation[]> {
  const parts = split(parser, source.text);
  if (parts.kind === 'syntax-error') {
    const { line, column, message } = parts;
    const location = { file: source.file, line, column };
    const problem = { rule: 'sql-syntax', location, message, frame: frameAt(source, location) };
    return { kind: 'invalid', problems: [problem] };
  }
  const problems: Problem[] = [];
  const operations = parts.statements.filter(isChange).flatMap((statement) => {
    const conversion = convertStatement(statement, parser);
    if (conversion.kind === 'converted') return conversion.operations;
    const { why } = conversion;
    const fix = conversion.kind === 'refused' ? conversion.fix : undefined;
    problems.push(problemAt(source, statement, why, fix));
    return [];
  });
  return problems.length > 0
    ? { kind: 'invalid', problems }
    : { kind: 'parsed', value: operations };
}

/** BEGIN and COMMIT around a file say nothing about the schema: each step has its own transaction. */
function isChange({ node }: Statement): boolean {
  return !('TransactionStmt' in node);
}

function convertStatement(statement: Statement, parser: SqlParser): Conversion {
  const context = { sql: SqlText.of(parser, statement.text) };
  const conversion = convertNode(statement.node, context);
  return conversion.kind === 'no-operation' ? asSql(statement, conversion.why, parser) : conversion;
}

function convertNode(node: Node, context: ConvertContext): Conversion {
  if ('CreateStmt' in node) return convertCreateTable(node.CreateStmt, context);
  if ('AlterTableStmt' in node) return convertAlterTable(node.AlterTableStmt, context);
  if ('RenameStmt' in node) return convertRename(node.RenameStmt);
  if ('IndexStmt' in node) return convertIndex(node.IndexStmt, context);
  if ('DropStmt' in node) return convertDrop(node.DropStmt);
  if ('AlterEnumStmt' in node) return convertEnumValue(node.AlterEnumStmt);
  if ('CommentStmt' in node) return convertComment(node.CommentStmt);
  return noOperation('no operation says it');
}

function problemAt(
  source: SourceText,
  statement: Statement,
  message: string,
  fix: string | undefined,
): Problem {
  const location = locationAt(source, statement.start);
  const frame = frameAt(source, location);
  return { rule: 'not-convertible', location, message, frame, ...(fix !== undefined && { fix }) };
}
