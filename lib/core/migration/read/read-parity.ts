import type { DeclaredParity, ParityPair } from '../../backfill/parity.ts';
import { quoteIdentifier } from '../../backfill/sql-text.ts';
import type { BackfillDeclaration } from '../format/backfill-format.ts';
import { sqlInYaml } from '../source/sql-source.ts';
import type { ValuePath } from '../source/yaml-document.ts';
import { tableNamed, unquoted } from './creations.ts';
import { syntaxProblem } from './read-statements.ts';
import { type Reading, reportAt } from './reading.ts';

/** What the author says of parity; undefined when nothing is said, or when it has problems. */
export function readParity(
  reading: Reading,
  path: ValuePath,
  declared: BackfillDeclaration,
): DeclaredParity | undefined {
  const { parity } = declared;
  if (parity === undefined) return undefined;
  const at = [...path, 'parity'];
  const { skip, compare, join, where, on_mismatch: onMismatch } = parity;
  if (skip !== undefined) {
    if (compare === undefined && join === undefined && where === undefined) {
      return { kind: 'skipped', why: skip };
    }
    reportAt(reading, at, {
      rule: 'one-of',
      message: `the backfill ${declared.id} skips parity and says how to compare`,
      expected: 'skip alone, or compare with what belongs to it',
    });
    return undefined;
  }
  if (declared.set === undefined && compare === undefined) {
    reportAt(reading, at, {
      rule: 'missing-key',
      message: `the backfill ${declared.id} has sql, so what it fills is not known`,
      expected: 'compare: a mapping from what was filled to the expression it was filled from',
    });
    return undefined;
  }
  const pairs =
    compare && Object.entries(compare).map(([actual, expected]) => pair(actual, expected));
  const before = reading.problems.length;
  const alias = quoteIdentifier(unquoted(declared.alias ?? tableNamed(declared.table).name));
  const from = `select 1 from t as ${alias} ${join ?? ''}\nwhere `;
  for (const [actual, expected] of Object.entries(compare ?? {})) {
    check(reading, [...at, 'compare', actual], expected, 'select (\n', `\n), (\n${actual}\n)`);
  }
  if (join !== undefined)
    check(reading, [...at, 'join'], join, `select 1 from t as ${alias}\n`, '\n');
  if (where !== undefined) check(reading, [...at, 'where'], where, `${from}(\n`, '\n)');
  if (reading.problems.length > before) return undefined;
  return { kind: 'compared', pairs, join, where, onMismatch };
}

function pair(actual: string, expected: string): ParityPair {
  return { name: actual, sides: { expected, actual } };
}

function check(reading: Reading, path: ValuePath, sql: string, head: string, tail: string): void {
  const outcome = reading.parser.parse(`${head}${sql}${tail}`);
  if (outcome.kind === 'parsed' && outcome.statements.length === 1) return;
  const found = outcome.kind === 'syntax-error' ? outcome.offset - head.length : 0;
  const source = sqlInYaml(reading.document, path, sql);
  const last = Math.max(0, sql.trimEnd().length - 1);
  const message = outcome.kind === 'syntax-error' ? outcome.message : 'more than one statement';
  const problem = syntaxProblem(source, Math.max(0, Math.min(found, last)), message);
  reading.problems.push({ ...problem, expected: 'SQL of a query over the table of the backfill' });
}
