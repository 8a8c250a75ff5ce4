import { invalidParameterValue } from './errors.ts';
import type { QueryParameters } from './query-protocol.ts';

/** A page of a list, and where the next one starts. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly marker: string | undefined;
}

/** RDS pages hold 20 to 100 records, 100 when nobody says. */
const LARGEST_PAGE = 100;
const SMALLEST_PAGE = 20;

/** Cuts a list by `MaxRecords` and `Marker`. @throws AwsError `InvalidParameterValue` */
export function pageOf<T>(items: readonly T[], parameters: QueryParameters): Page<T> {
  const size = parameters.number('MaxRecords') ?? LARGEST_PAGE;
  if (size < SMALLEST_PAGE || size > LARGEST_PAGE) {
    throw invalidParameterValue(`MaxRecords must be between 20 and 100, got ${size}`);
  }
  const start = Number(parameters.text('Marker') ?? 0);
  const next = start + size;
  return {
    items: items.slice(start, next),
    marker: next < items.length ? String(next) : undefined,
  };
}

/**
 * Values of one filter, such as `db-cluster-id`; undefined when the call does not filter by it.
 * @throws AwsError `InvalidParameterValue` for any filter not in `known`
 */
export function filterValues(
  parameters: QueryParameters,
  name: string,
  known: readonly string[],
): readonly string[] | undefined {
  const filters = parameters.list('Filters.Filter');
  const unknown = filters.find((filter) => !known.includes(filter.required('Name')));
  if (unknown !== undefined) {
    throw invalidParameterValue(`Unrecognized filter name: ${unknown.required('Name')}`);
  }
  return filters
    .find((filter) => filter.required('Name') === name)
    ?.texts('Values.Value')
    .map((value) => value.slice(value.lastIndexOf(':') + 1).toLowerCase());
}
