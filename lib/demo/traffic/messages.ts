import type { VersionName } from './app.ts';
import type { TrafficOptions } from './traffic-options.ts';
import type { TrafficReport } from './traffic-report.ts';

/** What the traffic's process is asked to do. */
export type TrafficCommand =
  | { readonly kind: 'start'; readonly options: TrafficOptions }
  | { readonly kind: 'set-share'; readonly version: VersionName; readonly share: number }
  | { readonly kind: 'mark'; readonly phase: string }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'report' }
  | { readonly kind: 'stop' };

/** A command with the number that its answer carries. */
export interface TrafficRequest {
  readonly number: number;
  readonly command: TrafficCommand;
}

/** The one answer to each command; commands that ask for nothing get no report. */
export type TrafficAnswer =
  | { readonly kind: 'done'; readonly number: number; readonly report?: TrafficReport }
  | { readonly kind: 'failed'; readonly number: number; readonly message: string };
