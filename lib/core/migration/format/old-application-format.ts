import type { OldApplication } from '../old-application.ts';
import { duration, listOf, part, text } from './vocabulary.ts';

const EXPECTED = 'a mapping with application_names, roles or both, and timeout';
const names = (expected: string) => listOf(expected, text('a name; * stands for any characters'));

/** Who must have disconnected before the work behind a gate begins. */
export const OldApplicationFormat = part(EXPECTED, {
  application_names: names('a list of names of sessions, as in pg_stat_activity.application_name')
    .default([])
    .describe('What its sessions call themselves; * stands for any characters. @default []'),
  roles: names('a list of database roles')
    .default([])
    .describe('Roles that only it connects as; * stands for any characters. @default []'),
  timeout: duration()
    .prefault('1h')
    .describe('How long the work waits for it; then everything is taken back. @default 1h'),
})
  .refine(({ application_names, roles }) => application_names.length + roles.length > 0, {
    error: EXPECTED,
  })
  .transform(
    ({ application_names, roles, timeout }): OldApplication => ({
      applicationNames: application_names,
      roles,
      timeoutMs: timeout,
    }),
  )
  .meta({
    id: 'old_application',
    description: 'The version of the application that must be gone before the work begins.',
  });
