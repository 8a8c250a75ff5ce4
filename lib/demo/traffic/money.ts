/** `12.34` as 1234. Exact: amounts have two decimals and stay far below 2^53 cents. */
export function centsOf(amount: string): number {
  const cents = Math.round(Number(amount) * 100);
  if (!Number.isSafeInteger(cents)) throw new RangeError(`not an amount: ${amount}`);
  return cents;
}

/** 1234 as `12.34`. */
export function amountOf(cents: number): string {
  return (cents / 100).toFixed(2);
}
