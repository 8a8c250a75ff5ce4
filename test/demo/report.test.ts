import { describe, expect, it } from '@jest/globals';
import { LOCK_WAIT_LIMIT_MS } from '../../lib/demo/claims.ts';
import type { DemoFacts } from '../../lib/demo/demo-facts.ts';
import { reportOf } from '../../lib/demo/report.ts';
import { GOOD_DEMO } from './support/demo-facts.ts';

const PLAIN = { color: false };
const [BILLING, CURRENCY] = GOOD_DEMO.migrations;

describe('the report of the demo', () => {
  it('says what happened, with numbers', () => {
    const report = reportOf(GOOD_DEMO, PLAIN);
    expect(report.text).toMatchSnapshot();
    expect(report.claims.every(({ held }) => held)).toBe(true);
  });

  it('lists what failed', () => {
    const failure = {
      version: 'old' as const,
      operation: 'view account',
      phase: 'contract',
      message: 'column "plan" does not exist',
      count: 3,
    };
    const traffic = { ...GOOD_DEMO.traffic, failed: 3, failures: [failure] };
    const { text } = reportOf({ ...GOOD_DEMO, traffic }, PLAIN);
    expect(text).toContain('3 x old view account in contract: column "plan" does not exist');
  });

  it('has no colour codes unless they are asked for', () => {
    const colorCode = String.fromCharCode(27);
    expect(reportOf(GOOD_DEMO, PLAIN).text).not.toContain(colorCode);
    expect(reportOf(GOOD_DEMO, { color: true }).text).toContain(colorCode);
  });

  it.each<[string, Partial<DemoFacts>]>([
    ['every request was answered, and answered right', traffic({ failed: 1 })],
    ['every request was answered, and answered right', traffic({ requests: 0 })],
    ['what one version wrote, the other read', traffic({ crossVersionReads: 0 })],
    ['nobody waited longer than 1 s for a lock', waited(LOCK_WAIT_LIMIT_MS + 1)],
    ['0001_add_billing went through', billing({ result: 'failed' })],
    ['0002_billing_currency was rolled back', currency({ result: 'succeeded' })],
    ['the rollback left the schema as it was', currency({ fingerprintAfter: 'other' })],
    ['the restored cluster is what the snapshot was taken of', restored({ rowsRestored: 1 })],
    [
      'the restored cluster is what the snapshot was taken of',
      restored({ fingerprintRestored: 'other' }),
    ],
  ])('does not claim that %s when it is not so', (text, change) => {
    const report = reportOf({ ...GOOD_DEMO, ...change }, PLAIN);
    expect(report.claims.find((claim) => claim.text === text)).toMatchObject({ held: false });
    expect(report.text).toContain(`✗ ${text}`);
  });

  it('claims no lock wait when none was seen', () => {
    const { claims } = reportOf({ ...GOOD_DEMO, ...waited(undefined) }, PLAIN);
    expect(claims.find(({ evidence }) => evidence === 'no wait was seen')?.held).toBe(true);
  });
});

function traffic(change: Partial<DemoFacts['traffic']>): Partial<DemoFacts> {
  return { traffic: { ...GOOD_DEMO.traffic, ...change } };
}
function waited(waitMs: number | undefined): Partial<DemoFacts> {
  const { longestLockWait } = GOOD_DEMO.traffic;
  const wait = waitMs !== undefined && longestLockWait ? { ...longestLockWait, waitMs } : undefined;
  return traffic({ longestLockWait: wait });
}
function billing(change: Partial<DemoFacts['migrations'][number]>): Partial<DemoFacts> {
  return BILLING && CURRENCY ? { migrations: [{ ...BILLING, ...change }, CURRENCY] } : {};
}
function currency(change: Partial<DemoFacts['migrations'][number]>): Partial<DemoFacts> {
  return BILLING && CURRENCY ? { migrations: [BILLING, { ...CURRENCY, ...change }] } : {};
}
function restored(change: Partial<DemoFacts['restore']>): Partial<DemoFacts> {
  return { restore: { ...GOOD_DEMO.restore, ...change } };
}
