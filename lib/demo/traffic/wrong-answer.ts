/** A response that was not what the client knows to be true; counted as a failed request. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

/**
 * @param what was asked, for the message
 * @throws WrongAnswer when the two differ
 */
export function expectAnswer(what: string, answer: unknown, expected: unknown): void {
  const got = JSON.stringify(answer);
  const wanted = JSON.stringify(expected);
  if (got !== wanted) throw new WrongAnswer(`${what} is ${got}, expected ${wanted}`);
}

/** @throws WrongAnswer when a write changed another number of rows than one */
export function expectOneRow(what: string, rowCount: number): void {
  if (rowCount !== 1) throw new WrongAnswer(`${what} changed ${rowCount} rows, expected 1`);
}
