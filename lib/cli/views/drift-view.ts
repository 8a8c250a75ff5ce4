import color from 'picocolors';
import { type RecordedChange, whoChanged } from '../../core/drift/who-changed.ts';
import type { Fingerprint } from '../../core/ids.ts';
import type { Drift } from '../../engine/drift/find-drift.ts';
import type { ExpectedSchema } from '../../postgres/ledger/expected-schema.ts';
import type { SchemaDifference } from '../../postgres/ledger/pictures.ts';
import { principal } from './principal.ts';

/** Each object that is not as expected: `+` nobody expects it, `-` it is gone, `~` it differs. */
export function driftView(drift: Drift): string {
  const { expected, found, drifted, comparison, inProgress, recording, changes } = drift;
  if (expected === undefined) {
    return 'nothing is expected: no migration was applied and no schema accepted here';
  }
  if (!drifted) return `no drift: the schema is ${short(found)}, as ${origin(expected)}`;
  return [
    color.bold(`the schema is not as ${origin(expected)}`),
    color.dim(`expected ${short(expected.fingerprint)} · found ${short(found)}`),
    ...(inProgress === undefined
      ? []
      : [
          color.yellow(`migration ${inProgress} is half way; what it changed so far is listed too`),
        ]),
    '',
    ...(comparison?.kept === true
      ? [
          ...comparison.differences.flatMap((each) => differenceView(each, changes)),
          ...more(comparison),
        ]
      : ['the ledger knows only the fingerprint of what it expects, so no object can be named']),
    ...(recording
      ? []
      : [color.dim('who changes the schema is not recorded: lockkeeper drift --record on')]),
    '',
    'next',
    '  put it back as it was, or',
    `  lockkeeper drift --accept --reason '<why>'`,
  ].join('\n');
}

/** @param accepted what is expected from now on */
export function acceptedView({ comparison, changes }: Drift, accepted: Fingerprint): string {
  const differences = (comparison?.differences ?? []).flatMap((each) =>
    differenceView(each, changes),
  );
  return [...differences, `accepted: the ledger expects ${short(accepted)} from now on`].join('\n');
}

function differenceView(
  { difference, kind, name, expected, found }: SchemaDifference,
  changes: readonly RecordedChange[],
): readonly string[] {
  const by = changedBy(whoChanged(name, changes));
  switch (difference) {
    case 'added':
      return [color.green(`+ ${kind} ${name}`), ...definition('found', found), ...by];
    case 'missing':
      return [color.red(`- ${kind} ${name}`), ...definition('expected', expected), ...by];
    case 'changed':
      return [
        color.yellow(`~ ${kind} ${name}`),
        ...definition('expected', expected),
        ...definition('found', found),
        ...by,
      ];
  }
}

function changedBy(change: RecordedChange | undefined): readonly string[] {
  if (change === undefined) return [];
  const application = change.application === '' ? '' : ` (${change.application})`;
  return definition('by', `${change.role}${application} at ${change.at}, ${change.command}`);
}

function definition(label: string, text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  const [first = '', ...rest] = text.trim().split('\n');
  return [
    `    ${color.dim(label.padEnd(9))}${first}`,
    ...rest.map((line) => `    ${' '.repeat(9)}${line}`),
  ];
}

function more({ total, differences }: { total: number; differences: readonly unknown[] }) {
  const left = total - differences.length;
  return left > 0 ? [color.dim(`and ${left} more`)] : [];
}

function origin({ source, since }: ExpectedSchema): string {
  return source.kind === 'migration'
    ? `migration ${source.migrationId} left it behind at ${since}`
    : `${principal(source.by)} accepted it at ${since}: ${source.reason}`;
}

const short = (fingerprint: Fingerprint) => fingerprint.slice(0, 12);
