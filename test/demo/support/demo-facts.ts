import type { DemoFacts } from '../../../lib/demo/demo-facts.ts';

const BEFORE = 'a1'.repeat(32);
const AFTER = 'b2'.repeat(32);

/** The facts of a demo in which everything went as promised. */
export const GOOD_DEMO: DemoFacts = {
  size: { accounts: 20_000, users: 60_000, invoices: 1_000_000, seed: 2026 },
  loadMs: 7_443,
  totalMs: 118_400,
  migrations: [
    {
      migrationId: '0001_add_billing',
      title: 'Add billing to a running SaaS',
      expected: 'succeeded',
      result: 'succeeded',
      phases: [
        { name: 'expand', durationMs: 820 },
        { name: 'backfill', durationMs: 31_250 },
        { name: 'finalize', durationMs: 410 },
      ],
      backfills: [
        { stepId: 'fill_subscriptions', table: 'accounts', rows: 20_000, durationMs: 640 },
        { stepId: 'fill_invoices', table: 'invoices', rows: 1_000_000, durationMs: 29_300 },
      ],
      fingerprintBefore: BEFORE,
      fingerprintAfter: AFTER,
    },
    {
      migrationId: '0002_billing_currency',
      title: 'Charge each billing account in one currency',
      expected: 'rolled-back',
      result: 'rolled-back',
      reason: 'every_currency_is_known found 5 rows, expected none',
      phases: [
        { name: 'expand', durationMs: 75 },
        { name: 'rollback', durationMs: 64 },
      ],
      backfills: [],
      fingerprintBefore: AFTER,
      fingerprintAfter: AFTER,
    },
  ],
  traffic: {
    durationMs: 95_000,
    requests: 19_000,
    failed: 0,
    failures: [],
    requestsByVersion: { old: 9_000, new: 10_000 },
    handedToOld: 812,
    crossVersionReads: 2_345,
    phases: [
      {
        phase: 'before',
        durationMs: 5_000,
        requests: 1_000,
        failed: 0,
        latency: { p50Ms: 1.734, p99Ms: 8.2, maxMs: 21.4, writeMaxMs: 20.1 },
        longestLockWaitMs: 0,
      },
      {
        phase: 'backfill',
        durationMs: 31_000,
        requests: 6_200,
        failed: 0,
        latency: { p50Ms: 2.1, p99Ms: 46.81, maxMs: 148.2, writeMaxMs: 148.2 },
        longestLockWaitMs: 96.4,
      },
    ],
    longestLockWait: {
      waitMs: 96.4,
      phase: 'backfill',
      waiter: 'app-old',
      lock: 'transactionid ShareLock',
      blockedBy: ['lockkeeper'],
    },
  },
  quietPhase: 'before',
  restore: {
    snapshotId: 'before-expand-0002',
    durationMs: 4_210,
    fingerprintExpected: AFTER,
    fingerprintRestored: AFTER,
    rowsExpected: 1_002_312,
    rowsRestored: 1_002_312,
  },
};
