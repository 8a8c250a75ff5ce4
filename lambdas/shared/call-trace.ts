import { Tracer } from '@aws-lambda-powertools/tracer';
import type { HandlerName } from '../../lib/core/workflow/handlers.ts';
import type { CallIdentity } from './call-log.ts';

/** One call of a handler as X-Ray shows it; nothing where there is no X-Ray. */
export interface CallTrace {
  /** Runs the call as a segment of its own. */
  around<T>(work: () => Promise<T>): Promise<T>;
  /** What traces are found by: `annotation.executionId = "..."`. */
  about(identity: CallIdentity): void;
}

/**
 * Traces have names, times and ids in them, and never a message: those of PostgreSQL quote rows. So a
 * failed call is marked, not described, and no client is instrumented.
 */
export function callTrace(handler: HandlerName): CallTrace {
  const tracer = new Tracer({ serviceName: 'lockkeeper', captureHTTPsRequests: false });
  return {
    async around(work) {
      const parent = tracer.isTracingEnabled() ? tracer.getSegment() : undefined;
      if (parent === undefined) return work();
      const segment = parent.addNewSubsegment(`## ${handler}`);
      tracer.setSegment(segment);
      tracer.annotateColdStart();
      tracer.addServiceNameAnnotation();
      try {
        return await work();
      } catch (error) {
        segment.addFaultFlag();
        throw error;
      } finally {
        segment.close();
        tracer.setSegment(parent);
      }
    },

    about({ executionId, migrationId }) {
      if (executionId !== undefined) tracer.putAnnotation('executionId', executionId);
      if (migrationId !== undefined) tracer.putAnnotation('migrationId', migrationId);
    },
  };
}
