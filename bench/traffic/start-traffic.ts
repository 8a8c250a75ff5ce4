import { Worker } from 'node:worker_threads';
import type { TrafficPhaseName } from '../facts.ts';
import type { TrafficCommand, TrafficMessage, TrafficOptions } from './traffic-messages.ts';

type Report = Extract<TrafficMessage, { readonly kind: 'report' }>;

/** Transactions that go on until they are stopped. */
export interface Traffic {
  mark(phase: TrafficPhaseName | undefined): void;
  /** Waits for the answers to all transactions. */
  stop(): Promise<Report>;
}

/** Starts the thread, and is done when it is connected. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const worker = new Worker(new URL('./traffic-thread.ts', import.meta.url), {
    workerData: options,
  });
  const send = (command: TrafficCommand): void => worker.postMessage(command);
  await nextMessage(worker);
  return {
    mark: (phase) => send({ kind: 'mark', phase }),
    stop: async () => {
      const answer = nextMessage(worker);
      send({ kind: 'stop' });
      const message = await answer;
      if (message.kind !== 'report') throw new TypeError(`expected a report, got ${message.kind}`);
      return message;
    },
  };
}

function nextMessage(worker: Worker): Promise<TrafficMessage> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: TrafficMessage) => {
      worker.off('error', reject);
      resolve(message);
    });
  });
}
