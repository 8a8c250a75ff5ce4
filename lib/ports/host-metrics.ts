/**
 * What the instance that takes the writes says about itself beyond SQL. Figures are about a minute
 * old, and each question may cost money.
 */
export interface HostMetrics {
  /** @throws LockkeeperError when it does not answer, or has no figure that every instance has */
  read(): Promise<HostFigures>;
}

export interface HostFigures {
  /** CPU in use, in percent; of a serverless instance, of the largest it may grow to. */
  readonly cpuPercent: number;
  /** Minutes of one vCPU that may be used above the baseline; undefined unless the class is burstable. */
  readonly cpuCredits: number | undefined;
  /** Aurora capacity in use, in percent of the largest; undefined unless it is serverless. */
  readonly acuPercent: number | undefined;
  /** Local storage that is left for sorting and temporary files; undefined where it is not reported. */
  readonly freeLocalBytes: number | undefined;
}
