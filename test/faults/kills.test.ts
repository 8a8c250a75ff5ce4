import { expect, it } from '@jest/globals';
import { killRun } from '../../faults/kills/kill-run.ts';
import { makeTemplate } from '../../faults/kills/template.ts';

it('a runtime that is killed in the middle of a migration under traffic goes on where it was', async () => {
  // GIVEN
  const template = await makeTemplate(2_000);
  try {
    // WHEN it dies with its database while it moves rows, before anybody hears of a commit
    const kill = { call: 430, when: 'after', delayMs: 0, withDatabase: true } as const;
    const { deaths, ending, commands, problems, checksum, expectedChecksum } = await killRun(
      template,
      1,
      1,
      [kill],
    );

    // THEN
    expect(deaths).toHaveLength(1);
    expect(problems).toEqual([]);
    expect({ ending, commands }).toEqual({ ending: 'succeeded', commands: ['lockkeeper resume'] });
    expect(checksum).toBe(expectedChecksum);
  } finally {
    await template.remove();
  }
}, 600_000);
