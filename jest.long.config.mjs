/** `npm run test:long`: whole stories that would keep CI over its twenty minutes. See docs/tiers.md. */
import base from './jest.config.mjs';

export default {
  ...base,
  testMatch: ['<rootDir>/test/**/*.long.ts'],
  testTimeout: 300_000,
};
