import { TAKEOVER_STEPS } from '../lib/engine/restore/step.ts';
import { restoreHandler } from './shared/restore-handler.ts';

export const handler = restoreHandler(
  'restore-takeover',
  TAKEOVER_STEPS,
  (_scene, context) => context,
);
