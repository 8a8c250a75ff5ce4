import type { SqlParser } from '../sql/parser.ts';
import { quoteName } from '../sql/sql-name.ts';
import { isOneStatement } from './fragments.ts';
import { type Refusal, refuse } from './operation-kind.ts';
import { findColumn, type TableModel } from './schema-model.ts';

/** The bound of a partition, as SQL that a CHECK can say. */
export interface BoundCheck {
  readonly kind: 'condition';
  readonly condition: string;
}

/**
 * The condition that every row of a partition meets, in the form that PostgreSQL compares with the
 * bound (get_qual_for_range and get_qual_for_list): a validated CHECK of it saves ATTACH the scan.
 * @param bound `FOR VALUES FROM (...) TO (...)` or `FOR VALUES IN (...)`
 */
export function boundCheck(
  parser: SqlParser,
  parent: TableModel,
  bound: string,
): BoundCheck | Refusal {
  const path = ['bound'];
  if (!isOneStatement(parser, `alter table t attach partition p ${bound}`, 'AlterTableStmt')) {
    return refuse(`not the bound of a partition: ${bound}`, {
      path,
      fix: "such as FOR VALUES FROM ('2025-01-01') TO ('2026-01-01'), FOR VALUES IN (1, 2) or DEFAULT",
    });
  }
  const key = keyColumns(parser, parent);
  const groups = brackets(parser, bound);
  const [first = [], second = []] = groups;
  const strategy = /^(\w+)/.exec(parent.partitionKey ?? '')?.[1]?.toLowerCase();
  if (key === undefined || strategy === 'hash' || groups.length === 0) {
    return refuse(
      `no CHECK can prove the bound ${bound} of ${parent.name}, which is partitioned by ${parent.partitionKey}`,
      { path, fix: 'sql, at a quiet hour: every row is read while nobody can use the partition' },
    );
  }
  const wanted = strategy === 'list' ? /^for values in\b/i : /^for values from\b/i;
  const fits =
    strategy === 'list' ? true : first.length === key.length && second.length === key.length;
  if (!wanted.test(bound.trim()) || !fits) {
    return refuse(
      `the bound ${bound} does not fit the key ${parent.partitionKey} of ${parent.name}`,
      {
        path,
      },
    );
  }
  const condition =
    strategy === 'list' ? listCondition(key[0] ?? '', first) : rangeCondition(key, first, second);
  return { kind: 'condition', condition };
}

function listCondition(column: string, values: readonly string[]): string {
  const isNull = (value: string) => value.toLowerCase() === 'null';
  const some = values.filter((value) => !isNull(value));
  const is = some.length === 0 ? 'false' : `${column} in (${some.join(', ')})`;
  return values.some(isNull) ? `${column} is null or ${is}` : `${column} is not null and ${is}`;
}

/** Columns whose two limits are the same come first, as equalities; then one limit each way. */
function rangeCondition(
  key: readonly string[],
  lower: readonly string[],
  upper: readonly string[],
): string {
  const differs = key.findIndex(
    (_, index) => isOpen(lower[index]) || lower[index] !== upper[index],
  );
  const equal = differs < 0 ? key.length : differs;
  const rest = key.slice(equal);
  const limits = [
    limit(rest, lower.slice(equal), '>'),
    limit(rest, upper.slice(equal), '<'),
  ].filter((each) => each !== undefined);
  return [
    ...key.map((column) => `${column} is not null`),
    ...key.slice(0, equal).map((column, index) => `${column} = ${lower[index]}`),
    ...limits,
  ].join(' and ');
}

/** `(a > 1 or a = 1 and b >= 2)`; undefined when there is no limit at this end. */
function limit(
  key: readonly string[],
  values: readonly string[],
  operator: '<' | '>',
): string | undefined {
  const open = values.findIndex(isOpen);
  const bounded = open < 0 ? key.length : open;
  const arms = key.slice(0, bounded).map((column, index) => {
    const before = key.slice(0, index).map((each, place) => `${each} = ${values[place]}`);
    const last = index === bounded - 1;
    // The lower limit belongs to the partition; an open end behind a value takes all of the value.
    const includes =
      last && (operator === '>' ? lowerIncludes(values, index) : upperIncludes(values, index));
    return [...before, `${column} ${operator}${includes ? '=' : ''} ${values[index]}`].join(
      ' and ',
    );
  });
  return arms.length === 0 ? undefined : `(${arms.join(' or ')})`;
}

function lowerIncludes(values: readonly string[], index: number): boolean {
  const next = values[index + 1];
  return next === undefined || next.toLowerCase() === 'minvalue';
}

function upperIncludes(values: readonly string[], index: number): boolean {
  return values[index + 1]?.toLowerCase() === 'maxvalue';
}

function isOpen(value: string | undefined): boolean {
  return value === undefined || /^(?:minvalue|maxvalue)$/i.test(value);
}

/** Undefined unless the key consists of columns. */
function keyColumns(parser: SqlParser, parent: TableModel): readonly string[] | undefined {
  const [items = []] = brackets(parser, parent.partitionKey ?? '');
  const names = items.map((item) =>
    item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item,
  );
  const known = names.every((name) => findColumn(parent, name) !== undefined);
  return known && names.length > 0 ? names.map(quoteName) : undefined;
}

/** What stands in each pair of outer brackets, between the commas. */
function brackets(parser: SqlParser, text: string): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let depth = 0;
  let from = 0;
  for (const { start, end } of parser.tokens(text)) {
    const token = text.slice(start, end);
    if (token === '(' && depth === 0) {
      groups.push([]);
      from = end;
    }
    if ((token === ')' && depth === 1) || (token === ',' && depth === 1)) {
      groups.at(-1)?.push(text.slice(from, start).trim());
      from = end;
    }
    depth += '(['.includes(token) ? 1 : ')]'.includes(token) ? -1 : 0;
  }
  return groups;
}
