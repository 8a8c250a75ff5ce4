import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LockkeeperError } from '../../core/errors.ts';
import type { VersionName } from './app.ts';
import type { TrafficAnswer, TrafficCommand, TrafficRequest } from './messages.ts';
import type { TrafficOptions } from './traffic-options.ts';
import type { TrafficReport } from './traffic-report.ts';

/**
 * Traffic that runs in a process of its own until it is stopped.
 * Every call rejects with LockkeeperError `EmbeddedRuntime` when that process fails or is gone.
 */
export interface Traffic {
  /** Returns once no request of a version that is now off is still running. */
  setShare(version: VersionName, share: number): Promise<void>;
  /** What is measured from now on belongs to this phase; a name may come again. */
  mark(phase: string): Promise<void>;
  /** Returns once no request is running, such as before a restore replaces the database. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** What was seen so far. */
  stats(): Promise<TrafficReport>;
  /** Answers what is due, checks that no update was lost, and ends the process. */
  stop(): Promise<TrafficReport>;
}

/** @throws LockkeeperError `EmbeddedRuntime` when the traffic cannot begin */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  // The built package has the same file as JavaScript.
  const program = import.meta.url.endsWith('.ts') ? './traffic-process.ts' : './traffic-process.js';
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const ask = commandsTo(child);
  const tell = async (command: TrafficCommand): Promise<void> => {
    await ask(command);
  };
  const report = async (command: TrafficCommand): Promise<TrafficReport> => {
    const answer = await ask(command);
    if (answer === undefined) throw gone(`no report came for ${command.kind}`);
    return answer;
  };
  const end = async (): Promise<void> => {
    const exited = once(child, 'exit');
    if (child.connected) child.disconnect();
    if (child.exitCode === null && child.signalCode === null) await exited;
  };
  try {
    await tell({ kind: 'start', options });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    setShare: (version, share) => tell({ kind: 'set-share', version, share }),
    mark: (phase) => tell({ kind: 'mark', phase }),
    pause: () => tell({ kind: 'pause' }),
    resume: () => tell({ kind: 'resume' }),
    stats: () => report({ kind: 'report' }),
    stop: async () => {
      try {
        return await report({ kind: 'stop' });
      } finally {
        await end();
      }
    },
  };
}

interface Waiting {
  readonly resolve: (report: TrafficReport | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Sends commands and finds the answer to each by its number. */
function commandsTo(child: ChildProcess) {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  child.on('message', (answer: TrafficAnswer) => {
    const asked = waiting.get(answer.number);
    waiting.delete(answer.number);
    if (answer.kind === 'done') asked?.resolve(answer.report);
    else asked?.reject(gone(answer.message));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(gone(`its process ended (${signal ?? code})`));
    waiting.clear();
  });
  return (command: TrafficCommand): Promise<TrafficReport | undefined> =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(gone('its process has ended'));
      const request: TrafficRequest = { number: count++, command };
      waiting.set(request.number, { resolve, reject });
      child.send(request);
    });
}

function gone(message: string): LockkeeperError {
  return new LockkeeperError('EmbeddedRuntime', `the demo's traffic failed: ${message}`);
}
