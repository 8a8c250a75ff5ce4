import type { Environment } from './configuration.ts';

/** What of an environment travels with an execution: what it may do, and what it sets instead. */
export type EnvironmentSettings = Pick<Environment, 'name' | 'policy' | 'overrides'>;
