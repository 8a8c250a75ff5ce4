/**
 * The second test tier: deploys the real CDK app with `cdk deploy` to an AWS emulator (or, when
 * asked for by name, to an account) and runs test/aws-deploy against it. See docs/tiers.md.
 *
 *     npm run test:aws -- [arguments of jest]
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isLockkeeperError } from '../lib/core/errors.ts';
import { DEPLOYMENT_VARIABLE } from '../test/aws-deploy/deployment.ts';
import { askDocker } from '../test/aws-deploy/place/docker.ts';
import { type DeployedApp, openPlace } from '../test/aws-deploy/place/open-place.ts';
import { choosePlace } from '../test/aws-deploy/place/place.ts';
import { runCommand } from '../test/aws-deploy/place/run-command.ts';

const PROJECT = join(import.meta.dirname, '..');

/** Ends what runs. Before the tests that is this process, whose `exit` listeners end the emulator. */
let terminate: () => void = () => process.exit(143);
process.on('SIGTERM', () => terminate()).on('SIGHUP', () => terminate());

process.exitCode = await main();

async function main(): Promise<number> {
  const choice = choosePlace(process.env);
  if (choice.kind === 'refused') {
    say(choice.why);
    return 1;
  }
  try {
    const virtualEnvironment = process.env['LOCKKEEPER_TEST_VENV'] ?? join(PROJECT, '.venv');
    const opened = await openPlace(choice, { virtualEnvironment, askDocker, say });
    if (opened.kind === 'open') return await runTests(opened.app);
    const required = process.env['REQUIRE_AWS_TESTS'] === '1';
    say(`${required ? 'failed' : 'skipped'}: there is no emulator (${opened.why})`);
    return required ? 1 : 0;
  } catch (error) {
    if (!isLockkeeperError(error) || error.source !== 'user') throw error;
    say(error.fix === undefined ? error.message : `${error.message}; ${error.fix}`);
    return 1;
  }
}

async function runTests(app: DeployedApp): Promise<number> {
  // Ctrl-C reaches jest as well, which ends; what was opened is closed after it.
  process.on('SIGINT', () => undefined);
  const stop = new AbortController();
  terminate = () => stop.abort();
  try {
    const jest = join(
      dirname(createRequire(import.meta.url).resolve('jest/package.json')),
      'bin/jest.js',
    );
    const { code } = await runCommand(
      process.execPath,
      [
        ...['--experimental-vm-modules', '--no-warnings', jest],
        ...['--config', 'jest.aws.config.mjs', ...process.argv.slice(2)],
      ],
      {
        cwd: PROJECT,
        env: { ...app.environment, [DEPLOYMENT_VARIABLE]: JSON.stringify(app.deployment) },
        output: 'shown',
        signal: stop.signal,
      },
    );
    say(`${code === 0 ? 'passed' : 'failed'} on ${app.where}`);
    return code;
  } finally {
    await app.close();
  }
}

function say(line: string): void {
  process.stdout.write(`test:aws: ${line}\n`);
}
