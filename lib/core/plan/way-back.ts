import type { Phase, WayBack } from './plan.ts';

/** The answer to "could we roll this back safely right now?" for a step of each phase. */
export const WAYS_BACK: Readonly<Record<Phase, WayBack>> = {
  expand: {
    kind: 'logical',
    loses: 'nothing: the old application never sees it; the undo removes it',
  },
  migrate: {
    kind: 'logical',
    loses: 'nothing: the old structures stay complete and in use',
  },
  contract: {
    kind: 'structural',
    loses: 'nothing: the undo brings the old structures back, kept in sync until then',
  },
  finalize: {
    kind: 'operational',
    loses: 'every write since the snapshot: only a restore brings back what is dropped here',
  },
};
