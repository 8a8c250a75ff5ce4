import { describeControlStore } from '../ports/control-store-contract.ts';
import { memoryControlStore } from './memory-control-store.ts';

describeControlStore('in memory', async () => ({
  store: memoryControlStore(),
  close: async () => undefined,
}));
