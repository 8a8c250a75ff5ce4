/** Native ESM in jest: run with --experimental-vm-modules (see package.json "test"). */
// Texts are compared without colours, also where a CI server asks for them.
process.env.NO_COLOR = '1';

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdk.out'],
  testTimeout: 60_000,
  maxWorkers: 2,
  // Modules of finished files are never freed under --experimental-vm-modules: a worker that has seen
  // a hundred of them spends its time collecting garbage, so it is replaced before that.
  workerIdleMemoryLimit: '400MB',
};
