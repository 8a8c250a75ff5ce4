import type { TrafficPhase, TrafficPhaseName, TrafficSecond } from '../facts.ts';

/** What the traffic thread is started with. */
export interface TrafficOptions {
  readonly url: string;
  readonly perSecond: number;
  readonly rows: number;
  readonly seed: number;
}

/** What the bench tells the traffic thread. */
export type TrafficCommand =
  /** Transactions that become due from now on belong to this phase; undefined: to none. */
  | { readonly kind: 'mark'; readonly phase: TrafficPhaseName | undefined }
  /** Answer with a `report` once every transaction is answered. */
  | { readonly kind: 'stop' };

/** What the traffic thread answers. */
export type TrafficMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'report';
      readonly phases: readonly Omit<TrafficPhase, 'rowsPerSecond'>[];
      readonly timeline: readonly TrafficSecond[];
    };
