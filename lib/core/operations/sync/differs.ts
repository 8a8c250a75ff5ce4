import type { ColumnModel } from '../schema-model.ts';

/**
 * Types whose `=` sees every difference. Others have no `=` (json, xml, point), or one that calls
 * different values equal (citext, numbers inside composites), and are compared byte by byte.
 */
const EXACT =
  /^(?:smallint|integer|bigint|real|double precision|boolean|uuid|date|text|bytea|(?:character varying|timestamp|time)(?:\(\d+\))?(?: with(?:out)? time zone)?)$/;

/** A condition: the column has another value in `left` than in `right`. */
export function differs(left: string, right: string, { type, collation }: ColumnModel): string {
  // Without the casts PostgreSQL would compare column by column, with an operator that few types have.
  // A nondeterministic collation, too, calls different texts equal.
  const exact = EXACT.test(type) && collation === undefined;
  return exact
    ? `${left} is distinct from ${right}`
    : `row(${left})::record *<> row(${right})::record`;
}
