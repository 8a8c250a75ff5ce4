import { describe } from '@jest/globals';
import { describeRandomMigrations } from '../describe-random-migrations.ts';

/** The second half of the two hundred: two files run side by side. */
describe('more random migrations', () => {
  describeRandomMigrations({ seed: 11, runs: 100 });
});
