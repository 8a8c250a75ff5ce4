/** Where the program runs: the process as `bin/lockkeeper.ts` sees it, or a recording in tests. */
export interface Terminal {
  /** Current directory, absolute. */
  readonly directory: string;
  /** Whether standard output is looked at by a person. */
  readonly interactive: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Standard output: results. */
  write(text: string): void;
  /** Standard error: everything else. */
  tell(text: string): void;
  /** Resolves with the first SIGINT or SIGTERM; from the call on, these no longer end the process. */
  interrupted(): Promise<void>;
}
