import './support/no-color.ts';
import { describe, expect, it } from '@jest/globals';
import { errorResult } from '../../lib/cli/error-result.ts';
import { LockkeeperError } from '../../lib/core/errors.ts';
import { DatabaseError } from '../../lib/ports/database.ts';

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

describe('errorResult', () => {
  it('shows what happened and what to do', () => {
    // GIVEN
    const error = new LockkeeperError('LeaseHeld', 'the target is taken', {
      fix: 'wait for it',
      facts: { holder: '0001_a-abcd' },
    });

    // THEN
    expect(errorResult(error, false)).toEqual({
      exitCode: 7,
      text: 'error  the target is taken\nfix    wait for it',
      value: {
        error: {
          code: 'LeaseHeld',
          message: 'the target is taken',
          fix: 'wait for it',
          facts: { holder: '0001_a-abcd' },
        },
      },
    });
  });

  it('translates what the SDK throws', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const codes = [
      errorResult(named('CredentialsProviderError', 'could not load credentials'), false),
      errorResult(named('ExpiredTokenException', 'the token is expired'), false),
      errorResult(named('ThrottlingException', 'slow down'), false),
      errorResult(refused, false),
    ].map(({ exitCode, value }) => [exitCode, (value as { error: { code: string } }).error.code]);
    expect(codes).toEqual([
      [8, 'AccessDenied'],
      [8, 'AccessDenied'],
      [8, 'Throttled'],
      [8, 'TargetUnreachable'],
    ]);
  });

  it('translates what the target database throws', () => {
    const unreachable = errorResult(new DatabaseError('unreachable', 'no such database'), false);
    expect(unreachable).toMatchObject({
      exitCode: 8,
      value: { error: { code: 'TargetUnreachable', facts: { kind: 'unreachable' } } },
    });
    const failed = errorResult(
      new DatabaseError('statement', 'syntax error', { sqlstate: '42601' }),
      false,
    );
    expect(failed).toMatchObject({
      exitCode: 1,
      value: { error: { code: 'StatementFailed', facts: { sqlstate: '42601' } } },
    });
  });

  it('shows where a bug is only to who asks', () => {
    // GIVEN
    const bug = new TypeError('x is undefined', { cause: new Error('the reason') });

    // THEN
    expect(errorResult(bug, false)).toMatchObject({
      exitCode: 1,
      text: 'error  x is undefined\nLOCKKEEPER_DEBUG=1 shows where it happened',
    });
    expect(errorResult(bug, true).text).toContain('caused by Error: the reason');
    expect(errorResult(bug, true).text).toContain('error-result.test.ts');
  });
});
