import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../lib/local/postgres/free-port.ts';
import { type CommandResult, runCommand } from './run-command.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/test-aws.ts');

describe('npm run test:aws where no package index can be reached', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lockkeeper-no-index-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** As on a machine without Docker, without MiniStack and with nobody behind the index's port. */
  async function testAws(more: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
    const { PATH, HOME } = process.env;
    return runCommand(process.execPath, [SCRIPT], {
      env: {
        PATH,
        HOME,
        LOCKKEEPER_TEST_EMULATOR: 'ministack',
        LOCKKEEPER_TEST_VENV: join(directory, 'venv'),
        PIP_INDEX_URL: `http://127.0.0.1:${await freePort()}/simple`,
        PIP_NO_CACHE_DIR: '1',
        ...more,
      },
    });
  }

  it('says so and passes, and fails only where the tests are required', async () => {
    const { code, output } = await testAws();
    const required = await testAws({ REQUIRE_AWS_TESTS: '1' });

    expect(output).toMatch(/^test:aws: skipped: there is no emulator \((PyPI cannot be|python3)/m);
    expect(code).toBe(0);
    expect(required.output).toMatch(/^test:aws: failed: there is no emulator/m);
    expect(required.code).toBe(1);
  }, 120_000);
});
