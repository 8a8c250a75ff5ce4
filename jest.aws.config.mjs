import base from './jest.config.mjs';

/**
 * The second tier: executions on the deployed CDK app. `npm run test:aws` deploys it and then runs
 * this; on its own it has nothing to talk to. One file at a time: they share one database.
 */
export default {
  ...base,
  testMatch: ['<rootDir>/test/aws-deploy/**/*.aws.ts'],
  // Two snapshots of a real cluster take minutes each.
  testTimeout: process.env.LOCKKEEPER_TEST_REAL_AWS === '1' ? 60 * 60_000 : 120_000,
  maxWorkers: 1,
};
