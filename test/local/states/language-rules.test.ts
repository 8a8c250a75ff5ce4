import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pageOf } from '../../../lib/local/states/paging.ts';
import { applyResultPath } from '../../../lib/local/states/reference-path.ts';
import { RetryPolicy } from '../../../lib/local/states/retry-policy.ts';
import { matchesError } from '../../../lib/local/states/state-error.ts';
import type { Json } from '../../../lib/local/states/states-language.ts';
import { elapse } from '../../../lib/local/states/timer.ts';

describe('a retry policy', () => {
  const noJitter = () => 0.5;

  it('grows from the interval by the rate up to the bound', () => {
    const retrier = { ErrorEquals: ['E'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4 };
    const policy = new RetryPolicy([{ ...retrier, MaxDelaySeconds: 20 }], noJitter);
    expect([1, 2, 3, 4, 5].map(() => policy.next('E'))).toEqual([2, 6, 18, 20, undefined]);
    expect(policy.retryCount).toBe(4);
  });

  it('has the defaults of the language: three times after 1, 2 and 4 seconds', () => {
    const policy = new RetryPolicy([{ ErrorEquals: ['States.ALL'] }], noJitter);
    expect([1, 2, 3, 4].map(() => policy.next('E'))).toEqual([1, 2, 4, undefined]);
  });

  it('counts each retrier for itself and stops at the first one that matches', () => {
    const policy = new RetryPolicy(
      [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ErrorEquals: ['States.ALL'], MaxAttempts: 1 },
      ],
      noJitter,
    );
    expect(['A', 'B', 'A', 'B'].map((error) => policy.next(error))).toEqual([
      1,
      1,
      undefined,
      undefined,
    ]);
  });

  it('never waits for longer than the delay without jitter', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const policy = new RetryPolicy(
          [{ ErrorEquals: ['E'], IntervalSeconds: 8, JitterStrategy: 'FULL' }],
          () => random,
        );
        const delay = policy.next('E') ?? Number.NaN;
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(8);
      }),
    );
  });
});

describe('ErrorEquals', () => {
  it.each([
    ['Custom', ['States.ALL'], true],
    ['Custom', ['States.TaskFailed'], true],
    ['States.Timeout', ['States.TaskFailed'], false],
    ['States.Timeout', ['States.ALL'], true],
    ['States.HeartbeatTimeout', ['States.Timeout'], true],
    ['States.DataLimitExceeded', ['States.ALL'], false],
    ['States.DataLimitExceeded', ['States.DataLimitExceeded'], true],
    ['States.Runtime', ['States.ALL', 'States.Runtime'], false],
  ])('%s against %j: %s', (error, names, expected) => {
    expect(matchesError(error, names)).toBe(expected);
  });
});

describe('ResultPath', () => {
  const object = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
    fc.jsonValue(),
  );

  it('reads back what it put, keeps every other field and does not change the input', () => {
    fc.assert(
      fc.property(object, fc.jsonValue(), (fields, value) => {
        const input = fields as Json;
        const before = JSON.stringify(input);
        const output = applyResultPath('$.result', input, value as Json);
        expect(output).toEqual({ ...fields, result: value });
        expect(JSON.stringify(input)).toBe(before);
      }),
    );
  });

  it('goes through objects, quoted names and list elements', () => {
    const input = { list: [{ a: 1 }, 2] };
    expect(applyResultPath("$.list[0]['b c']", input, 3)).toEqual({
      list: [{ a: 1, 'b c': 3 }, 2],
    });
  });

  it.each([['$.text.x'], ['$.list[5]'], ['$.a..b']])('fails at %s', (path) => {
    const attempt = () => applyResultPath(path, { text: 'x', list: [] }, 1);
    expect(attempt).toThrow(expect.objectContaining({ error: 'States.ResultPathMatchFailure' }));
  });
});

describe('paging', () => {
  it('shows every item once, whatever the page size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (items, maxResults) => {
          const shown: string[] = [];
          let nextToken: string | undefined;
          do {
            const page = pageOf(items, (item) => item, 'list', { maxResults, nextToken });
            shown.push(...page.items);
            nextToken = page.nextToken;
          } while (nextToken !== undefined);
          expect(shown).toEqual(items);
        },
      ),
    );
  });
});

describe('a timer', () => {
  it('does not fire at once when it is longer than 2^31 - 1 milliseconds', async () => {
    const stop = new AbortController();
    const pending = elapse(2_592_000_000, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 30));
    stop.abort();
    expect(await pending).toBe(false);
  });
});
