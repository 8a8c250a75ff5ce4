/**
 * Quotas of Step Functions standard workflows that a definition can run into (service quotas page of the developer
 * guide). They are enforced here, because an execution that only works locally is worth nothing.
 */

/** Input and output of a state, task or execution: 256 KiB of UTF-8 JSON. */
export const MAX_DATA_BYTES = 262_144;

/** Events in the history of one execution; the last one can only end it. */
export const MAX_HISTORY_EVENTS = 25_000;

/** Characters in the name of a state machine, execution or state. */
export const MAX_NAME_LENGTH = 80;

/** Characters in a definition: 1 MB. */
export const MAX_DEFINITION_LENGTH = 1_048_576;

/** Items that one list call returns at most, and when nothing is asked for. */
export const MAX_PAGE_SIZE = 1_000;
export const DEFAULT_PAGE_SIZE = 100;

/** Longest wait, task timeout and heartbeat, in seconds (about three years). */
export const MAX_SECONDS = 99_999_999;
