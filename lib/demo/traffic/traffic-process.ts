import type { TrafficAnswer, TrafficCommand, TrafficRequest } from './messages.ts';
import type { TrafficReport } from './traffic-report.ts';
import { runTraffic, type TrafficRun } from './traffic-run.ts';

/*
 * The program of the traffic's own process. It is a child and not a thread because its response
 * times are evidence: with its own event loop, heap and garbage collector, only the machine's cores
 * are shared with whoever runs the migration, as it is between real application servers.
 */
let traffic: TrafficRun | undefined;

function started(): TrafficRun {
  if (traffic === undefined) throw new TypeError('the traffic has not been started');
  return traffic;
}

async function obey(command: TrafficCommand): Promise<TrafficReport | undefined> {
  switch (command.kind) {
    case 'start':
      traffic = await runTraffic(command.options);
      return undefined;
    case 'set-share':
      await started().setShare(command.version, command.share);
      return undefined;
    case 'mark':
      started().mark(command.phase);
      return undefined;
    case 'pause':
      await started().pause();
      return undefined;
    case 'resume':
      started().resume();
      return undefined;
    case 'report':
      return started().report();
    case 'stop':
      return started().stop();
  }
}

async function answer({ number, command }: TrafficRequest): Promise<TrafficAnswer> {
  try {
    const report = await obey(command);
    return { kind: 'done', number, ...(report && { report }) };
  } catch (error) {
    return { kind: 'failed', number, message: error instanceof Error ? error.message : `${error}` };
  }
}

process.on('message', (request: TrafficRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// Whoever started the traffic is gone: nobody wants it any more.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal; the one who started us decides when to stop.
process.on('SIGINT', () => undefined);
