import { type Outcome, proceed } from '../core/workflow/outcome.ts';
import { FencedError } from '../postgres/ledger/fence.ts';

/**
 * What a call answers whose fence was taken by a newer one: whoever took it goes on with the work, and
 * asking again finds out what is left of it.
 */
export async function unlessFenced(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FencedError) return proceed;
    throw error;
  }
}
