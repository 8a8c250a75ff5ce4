import { describe } from '@jest/globals';
import { describeRandomMigrations } from '../describe-random-migrations.ts';

describe('random migrations', () => {
  describeRandomMigrations({ seed: 4, runs: 100 });
});
