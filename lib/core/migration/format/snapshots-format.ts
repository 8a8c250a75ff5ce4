import { z } from 'zod';
import { part, word } from './vocabulary.ts';

const RequirementFormat = word(['required', 'none']);

/** One word for both snapshots, or one for each. */
export const SnapshotsFormat = z
  .union(
    [
      RequirementFormat,
      part('a mapping with before_expand and before_contract', {
        before_expand: RequirementFormat.optional().describe('@default required'),
        before_contract: RequirementFormat.optional().describe(
          '@default required when contract or finalize has steps, otherwise none',
        ),
      }),
    ],
    { error: 'required, none, or a mapping with before_expand and before_contract' },
  )
  .meta({
    id: 'snapshots',
    description:
      'Which snapshots are taken; `none` needs the consent of the environment. @default required',
  });

export type SnapshotsDeclaration = z.output<typeof SnapshotsFormat>;
