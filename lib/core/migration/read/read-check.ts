import type { StepId } from '../../ids.ts';
import type { Statement } from '../../sql/split.ts';
import type { CheckDeclaration } from '../format/steps-format.ts';
import type { DeclaredCheck, Expectation } from '../migration.ts';
import { sqlInYaml } from '../source/sql-source.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { readStatements } from './read-statements.ts';
import type { Reading } from './reading.ts';
import { changesRows, nodesOf } from './sql-tree.ts';

/** The words in `expect` that mean: the query finds nothing. */
const NO_ROWS = 'no rows';

/** A check whose query is one SELECT, VALUES or WITH that changes nothing. */
export function readCheck(
  reading: Reading,
  path: ValuePath,
  declared: CheckDeclaration,
): readonly DeclaredCheck[] {
  const source = sqlInYaml(reading.document, [...path, 'query'], declared.query);
  const statements = readStatements(reading, source);
  if (statements === undefined) return [];
  const wrong = statements.find((statement) => !isReadOnly(statement)) ?? statements[1];
  if (wrong !== undefined) {
    reading.problems.push(
      source.problemAt(wrong.start, {
        rule: 'not-a-query',
        message: isReadOnly(wrong)
          ? `the query holds ${statements.length} statements`
          : 'the query does more than read',
        expected: 'one SELECT, VALUES or WITH that changes and locks nothing',
      }),
    );
    return [];
  }
  const query = statements.map((statement) => statement.text).join();
  return [
    {
      kind: 'check',
      stepId: declared.id as StepId,
      query,
      expect: expectationOf(declared.expect),
      location: reading.document.locationOf(path),
    },
  ];
}

function expectationOf(value: CheckDeclaration['expect']): Expectation {
  return value === NO_ROWS ? { kind: 'no-rows' } : { kind: 'value', value };
}

/** Functions may still write; the engine asks in a read-only transaction. */
function isReadOnly({ node }: Statement): boolean {
  return (
    'SelectStmt' in node &&
    !changesRows(node) &&
    nodesOf(node, 'LockingClause').length === 0 &&
    !hasInto(node)
  );
}

/** `select ... into table`, which creates one; the tree has it as a field, not as a node. */
function hasInto(tree: unknown): boolean {
  if (typeof tree !== 'object' || tree === null) return false;
  return 'intoClause' in tree || Object.values(tree).some(hasInto);
}
