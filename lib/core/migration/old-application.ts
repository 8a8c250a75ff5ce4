import type { DurationMs } from '../ids.ts';

/** The version of the application that must be gone before the work behind a gate begins. */
export interface OldApplication {
  /** What its sessions call themselves (`application_name`); `*` stands for any characters. */
  readonly applicationNames: readonly string[];
  /** Database roles that only it connects as; `*` stands for any characters. */
  readonly roles: readonly string[];
  /** How long the work waits for it to disconnect before everything is taken back. */
  readonly timeoutMs: DurationMs;
}

/** A pattern of LIKE, with its default escape character, for a name in which only `*` is special. */
export function likePattern(name: string): string {
  return name.replaceAll(/[\\%_]/g, '\\$&').replaceAll('*', '%');
}
