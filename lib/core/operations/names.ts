import { createHash } from 'node:crypto';

/** NAMEDATALEN - 1: PostgreSQL cuts what is longer, silently. */
export const MAX_NAME_BYTES = 63;
/** 32 bits: enough to keep the few names of one table apart. */
const HASH_CHARACTERS = 8;

/**
 * The name of something that Lockkeeper makes for a while: `<base>_<suffix>`. A base that leaves no
 * room for the suffix is cut between characters and gets a hash of the whole, so that two long names
 * stay two names.
 */
export function derivedName(base: string, suffix: string): string {
  const whole = `${base}_${suffix}`;
  if (Buffer.byteLength(whole) <= MAX_NAME_BYTES) return whole;
  const hash = createHash('sha256').update(base).digest('hex').slice(0, HASH_CHARACTERS);
  const room = MAX_NAME_BYTES - Buffer.byteLength(`_${hash}_${suffix}`);
  return `${cutToBytes(base, room)}_${hash}_${suffix}`;
}

/**
 * The name that PostgreSQL chooses for what gets none (makeObjectName in its source): the longer of
 * the two is cut until there is room for the label.
 */
export function chosenName(table: string, column: string, label: string): string {
  const room = MAX_NAME_BYTES - Buffer.byteLength(`__${label}`);
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(column)];
  while (first + second > room) {
    if (first > second) first -= 1;
    else second -= 1;
  }
  return `${cutToBytes(table, first)}_${cutToBytes(column, second)}_${label}`;
}

function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (Buffer.byteLength(cut + character) > bytes) break;
    cut += character;
  }
  return cut;
}

/** Where the new value of a changed column is until contract. */
export const shadowName = (column: string) => derivedName(column, 'lk_new');
/** What is cut off at contract and dropped at finalize: a column, a table or an index. */
export const tombstoneName = (name: string) => derivedName(name, 'lk_old');
/** Says of each row whether the backfill still has to come to it. */
export const PENDING_COLUMN = 'lk_pending';
/** The function that keeps old and new columns of a table in step. */
export const syncFunctionName = (table: string) => derivedName(table, 'lk_sync');
/**
 * Its triggers. Row triggers of one kind fire in the order of their names: behind the users' own,
 * so that what those write is kept in step as well.
 */
export const SYNC_INSERT_TRIGGER = 'zzz_lk_sync_insert';
export const SYNC_UPDATE_TRIGGER = 'zzz_lk_sync_update';

/** Marks the schemas of views that Lockkeeper makes for a version, in their comment. */
export const VERSION_COMMENT = 'lockkeeper: one version of schema ';
