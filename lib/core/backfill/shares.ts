import type { Stride } from './range.ts';

/** How large a stride is, of all rows of its window: 0 to 1. */
export function shareOf({ modulus, index, shares }: Omit<Stride, 'by'>): number {
  return shares === undefined ? 1 / modulus : (shares[index] ?? 0) / blockOf({ modulus, shares });
}

/** Neighbouring numbers of which each stride has exactly its share. */
export function blockOf({ modulus, shares }: Pick<Stride, 'modulus' | 'shares'>): number {
  return shares === undefined ? modulus : shares.reduce((sum, share) => sum + share, 0);
}

/** The first and the last number of a block, from 0, that belong to a stride with a share of its own. */
export function placesOf(
  shares: readonly number[],
  index: number,
): { readonly first: number; readonly last: number } {
  const first = shares.slice(0, index).reduce((sum, share) => sum + share, 0);
  return { first, last: first + (shares[index] ?? 0) - 1 };
}
