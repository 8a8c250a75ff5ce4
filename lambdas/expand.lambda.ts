import { phaseHandler } from './shared/phase-handler.ts';

export const handler = phaseHandler('expand');
