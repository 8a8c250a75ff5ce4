import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type ClassifyContext, NOTHING_EARLIER } from '../../../../lib/core/sql/catalog.ts';
import type { Classification } from '../../../../lib/core/sql/classification.ts';
import { classify } from '../../../../lib/core/sql/classify.ts';
import { afterStatement } from '../../../../lib/core/sql/earlier.ts';
import { loadParser, type SqlParser } from '../../../../lib/core/sql/parser.ts';
import { split } from '../../../../lib/core/sql/split.ts';
import type { SqlName } from '../../../../lib/core/sql/sql-name.ts';
import { MEASURED_CATALOG } from './catalog.ts';

/** Measured with locks, rewrites and scans read from a real server; null where it refused. */
interface Measured {
  readonly locks: string | null;
  readonly rewritten: string | null;
  readonly scans: string | null;
}
interface Case {
  readonly name: string;
  readonly sql: string;
  readonly pg15: Measured;
  readonly pg18: Measured;
}

const CASES: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../data/lock-facts.json', import.meta.url), 'utf8'),
).cases;

/** The relations whose locks were read; those that the statement dropped had no name any more. */
const WATCHED = ['o', 't', 'td', 'p', 'p1', 'p2', 'p3', 'pdef', 'mv', 'vw', 't_a_idx'];

let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

/** Effects of the statements in one transaction, in the words of the measurement. */
function predicted(sql: string, serverVersion: number): Readonly<Record<keyof Measured, string>> {
  const outcome = split(parser, sql);
  if (outcome.kind === 'syntax-error') throw new TypeError(`${outcome.message}: ${sql}`);
  let context: ClassifyContext = {
    parser,
    serverVersion,
    timeZoneUtc: true,
    catalog: MEASURED_CATALOG,
    earlier: NOTHING_EARLIER,
  };
  const classifications: Classification[] = [];
  for (const statement of outcome.statements) {
    const classification = classify(statement, context);
    expect([sql, classification.understood]).toEqual([sql, true]);
    classifications.push(classification);
    context = afterStatement(context, statement, classification);
  }
  const dropped = classifications
    .flatMap(({ objects }) => objects)
    .filter(({ change, table }) => change === 'drop' && table === undefined)
    .map(({ name }) => name);
  const watched = ({ relation: { name } }: { readonly relation: SqlName }) =>
    WATCHED.includes(name) && !dropped.includes(name);
  const locks = classifications.flatMap((each) => each.locks.filter(watched));
  const rewritten = classifications.flatMap((each) => each.rewritten.filter(watched));
  const scans = classifications.flatMap((each) => each.scans.filter(watched));
  return {
    locks: listed(locks.map(({ relation, mode }) => `${relation.name}:${mode}`)),
    rewritten: listed(rewritten.map(({ relation }) => relation.name)),
    scans: listed(scans.map(({ relation }) => relation.name)),
  };
}

function measured({ locks, rewritten, scans }: Measured): Readonly<Record<keyof Measured, string>> {
  // A renamed relation was found under its new name.
  const renamed = (locks ?? '').replace('t_new:', 't:').replace('t_a2:', 't_a_idx:');
  const scanned = (scans ?? '').split(',').map((scan) => scan.replace(/=\d+$/, ''));
  return {
    locks: listed(renamed.split(' ')),
    rewritten: listed((rewritten ?? '').split(',')),
    // `_f` is the harness's own table.
    scans: listed(scanned.filter((name) => name !== '_f')),
  };
}

function listed(words: readonly string[]): string {
  const unique = new Set(words.filter((word) => word !== '-' && word !== ''));
  return [...unique].toSorted().join(' ');
}

describe.each([
  { key: 'pg15' as const, serverVersion: 15 },
  { key: 'pg18' as const, serverVersion: 18 },
])('classify, against what PostgreSQL $serverVersion was seen to do', ({ key, serverVersion }) => {
  it('names the same locks, rewrites and scans', () => {
    // GIVEN
    const accepted = CASES.filter((each) => each[key].locks !== null);

    // WHEN
    const table = accepted.map((each) => ({
      case: each.name,
      predicted: predicted(each.sql, serverVersion),
      measured: measured(each[key]),
    }));

    // THEN
    const differences = table.filter(
      (row) => JSON.stringify(row.predicted) !== JSON.stringify(row.measured),
    );
    expect(differences).toEqual([]);
    expect(accepted.length).toBe(key === 'pg15' ? 119 : 121);
  });
});
