import type { SourceLocation } from './migration.ts';

/**
 * One thing wrong with an input. Parsing collects all of them, so that the author sees every
 * problem at once.
 */
export interface Problem {
  /** Stable kebab-case name of the rule, such as `missing-undo`. */
  readonly rule: string;
  readonly location: SourceLocation;
  /** What is wrong, lowercase, with the value found. */
  readonly message: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What to write instead, as text that can be pasted. */
  readonly fix?: string;
  /** The lines around with a caret under the position. */
  readonly frame?: string;
}

export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly value: T }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };
