import type { LockkeeperEvent } from '../core/executions/event.ts';

/** Where facts for the outside go (Amazon EventBridge). Losing one never fails a migration. */
export interface EventSink {
  emit(event: LockkeeperEvent): Promise<void>;
}
