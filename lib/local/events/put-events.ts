import { z } from 'zod';
import { AwsError } from '../http/aws-error.ts';
import type { NewEvent } from './event.ts';
import type { EventBus } from './event-bus.ts';

/** Entries that one call carries. */
const MAX_ENTRIES = 10;

/** All entries of a call together: 256 KB, the limit before it was raised in 2026, so the stricter one holds. */
const MAX_TOTAL_BYTES = 262_144;

const putEventsRequest = z.object({
  Entries: z.array(
    z.object({
      Source: z.string().optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      Resources: z.array(z.string()).default([]),
      Time: z.number().optional(),
      EventBusName: z.string().optional(),
    }),
  ),
});

type Entry = z.infer<typeof putEventsRequest>['Entries'][number];

type EntryResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

/** `PutEvents`: a bad call is refused as a whole, a bad entry is reported in its place. */
export function putEvents(bus: EventBus, input: unknown): object {
  const entries = parse(input);
  const results = entries.map((entry): EntryResult => {
    const event = readEntry(entry);
    return 'ErrorCode' in event ? event : { EventId: bus.publish(event) };
  });
  const failed = results.filter((result) => 'ErrorCode' in result).length;
  return { FailedEntryCount: failed, Entries: results };
}

function parse(input: unknown): readonly Entry[] {
  const parsed = putEventsRequest.safeParse(input);
  if (!parsed.success) throw new AwsError('ValidationException', 400, parsed.error.message);
  const entries = parsed.data.Entries;
  if (entries.length === 0 || entries.length > MAX_ENTRIES) {
    const message = `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MAX_ENTRIES}`;
    throw new AwsError('ValidationException', 400, message);
  }
  const size = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (size > MAX_TOTAL_BYTES) {
    const message = `Total size of the entries in the request is over the limit.`;
    throw new AwsError('ValidationException', 400, message);
  }
  return entries;
}

/** The published formula: 14 bytes for a time, and the UTF-8 bytes of each text. */
function sizeOf(entry: Entry): number {
  const texts = [entry.Source, entry.DetailType, entry.Detail, ...entry.Resources];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
  return bytes + (entry.Time === undefined ? 0 : 14);
}

function readEntry(entry: Entry): NewEvent | { ErrorCode: string; ErrorMessage: string } {
  const { Source, DetailType, Detail, EventBusName } = entry;
  if (!Source) return required('Source');
  if (!DetailType) return required('DetailType');
  if (Detail === undefined) return required('Detail');
  if (Source.startsWith('aws.')) {
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  }
  const bus = EventBusName?.split('/').at(-1) ?? 'default';
  if (bus !== 'default') {
    return {
      ErrorCode: 'ResourceNotFoundException',
      ErrorMessage: `Event bus ${bus} does not exist.`,
    };
  }
  const detail = parseDetail(Detail);
  if (detail === undefined) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  return {
    source: Source,
    'detail-type': DetailType,
    detail,
    resources: entry.Resources,
    ...(entry.Time === undefined ? {} : { time: isoSeconds(entry.Time) }),
  };
}

function required(field: string): { ErrorCode: string; ErrorMessage: string } {
  return {
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
  };
}

function parseDetail(text: string): Record<string, unknown> | undefined {
  try {
    const detail: unknown = JSON.parse(text);
    const isObject = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
    return isObject ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isoSeconds(epochSeconds: number): string {
  return `${new Date(epochSeconds * 1_000).toISOString().slice(0, 19)}Z`;
}
