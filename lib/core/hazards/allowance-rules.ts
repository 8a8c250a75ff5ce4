import { always, type RuleFacts } from './rule.ts';

/** Findings about `-- lockkeeper:allow` itself; no comment silences them. */
export const ALLOWANCE_RULES = {
  withoutReason: {
    id: 'allow-without-reason',
    severity: always('error'),
    why: 'who reads the audit later must know why the hazard was accepted',
    safer: '-- lockkeeper:allow <rule-id>: <reason>',
    source: 'our own',
  },
  unknownRule: {
    id: 'allow-unknown-rule',
    severity: always('error'),
    why: 'it silences nothing, although somebody relies on it',
    safer: 'the id of a rule of this page',
    source: 'our own',
  },
  unused: {
    id: 'allow-unused',
    severity: always('info'),
    why: 'the hazard that it was written for is gone, and it would silence the next one',
    safer: 'remove it',
    source: 'our own',
  },
  misplaced: {
    id: 'allow-misplaced',
    severity: always('warning'),
    why: 'it belongs to no statement, so that it silences nothing',
    safer: 'on a line of its own, right before the statement',
    source: 'our own',
  },
} as const satisfies Readonly<Record<string, RuleFacts>>;
