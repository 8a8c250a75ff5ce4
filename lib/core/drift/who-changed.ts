/** One object that a DDL statement made, changed or dropped, as the event trigger recorded it. */
export interface RecordedChange {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who connected, whatever role they took on. */
  readonly role: string;
  readonly application: string;
  /** Such as `ALTER TABLE`. */
  readonly command: string;
  /** As PostgreSQL writes it, such as `public.orders` or `short on public.orders`. */
  readonly identity: string;
}

/**
 * The latest change that may have made an object differ: of the object itself, else of the table that it
 * belongs to, as ALTER TABLE names no more than that.
 * @param name of the object in the picture of the schema, such as `public.orders.hasty`
 * @param changes newest first
 */
export function whoChanged(
  name: string,
  changes: readonly RecordedChange[],
): RecordedChange | undefined {
  return (
    changes.find(({ identity }) => isItself(name, identity)) ??
    changes.find(({ identity }) => name.startsWith(`${identity}.`))
  );
}

function isItself(name: string, identity: string): boolean {
  if (identity === name) return true;
  // Constraints, triggers and policies: `short on public.orders`.
  const on = identity.lastIndexOf(' on ');
  if (on >= 0) return name === `${identity.slice(on + 4)}.${identity.slice(0, on)}`;
  // Of a function one text has names of arguments and the other has not.
  const upTo = (text: string) => text.slice(0, text.indexOf('('));
  return name.includes('(') && identity.includes('(') && upTo(name) === upTo(identity);
}
