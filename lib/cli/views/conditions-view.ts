import color from 'picocolors';
import type { Condition } from '../../core/preflight/condition.ts';

const COLORS = { refuse: color.red, warn: color.yellow, advise: color.cyan } as const;

/** What the target is like now, where that is worth saying. */
export function conditionsView(conditions: readonly Condition[]): readonly string[] {
  if (conditions.length === 0) return [];
  return [
    '',
    color.bold('THE TARGET NOW'),
    ...conditions.flatMap(({ kind, severity, message, fix }) => [
      `  ${COLORS[severity](kind)} ${message}`,
      `    ${fix}`,
    ]),
  ];
}
