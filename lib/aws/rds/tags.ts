import type { Tag } from '@aws-sdk/client-rds';

/** AWS's own tags, such as those of CloudFormation: shown to everybody, refused when somebody sets them. */
const RESERVED = /^aws:/i;

export function fromTagList(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** Those that may be set. */
export function toTagList(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags)
    .filter(([key]) => !RESERVED.test(key))
    .map(([Key, Value]) => ({ Key, Value }));
}

/** Whether a resource that exists already carries what we would have given it. */
export function carries(
  existing: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return toTagList(wanted).every(({ Key = '', Value }) => existing[Key] === Value);
}
