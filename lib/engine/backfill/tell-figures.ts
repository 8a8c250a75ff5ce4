import type { StepProgress } from '../../ports/control-store.ts';
import { announce, type EngineContext } from '../context.ts';
import type { ProgressReport } from '../progress.ts';
import { type BackfillNews, followed } from './backfill-news.ts';

/** Keeps the figures of a backfill for who looks, and tells who listens what is new in them. */
export async function tellFigures(
  context: EngineContext,
  progress: ProgressReport,
  now: StepProgress,
): Promise<void> {
  const { figures, news } = followed(progress.last(now.stepId), now);
  // Kept before anything is awaited: another worker reports meanwhile, and must not tell it too.
  await Promise.all([progress.update(figures, news.length > 0), tell(context, news)]);
}

async function tell(context: EngineContext, news: readonly BackfillNews[]): Promise<void> {
  for (const { kind, ...details } of news) await announce(context, kind, details);
}
