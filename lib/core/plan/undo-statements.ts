import type { Action } from './plan.ts';

/** Every statement of an action, in the order in which they run. */
export function undoStatements(
  action: Action & { readonly together?: readonly string[] },
): readonly string[] {
  return [action.sql, ...(action.together ?? [])];
}
