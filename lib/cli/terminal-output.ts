import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface TerminalOutput extends Output {
  /** Takes what `live` showed last off the screen. */
  settle(): void;
}

type LogUpdate = Awaited<typeof import('log-update')>['default'];

/**
 * Progress on standard error; live views on standard output, where a person looks at them.
 * @param lively whether live views are shown at all
 */
export function terminalOutput(terminal: Terminal, lively: boolean): TerminalOutput {
  let logUpdate: LogUpdate | undefined;
  const load = async () => {
    logUpdate = (await import('log-update')).default;
  };
  return {
    progress: (line) => terminal.tell(`${line}\n`),
    live: (text) => {
      if (!lively) return;
      // Loaded when a verb first needs it; the view is drawn again within a second.
      if (logUpdate === undefined) void load();
      else logUpdate(text);
    },
    settle: () => logUpdate?.clear(),
  };
}
