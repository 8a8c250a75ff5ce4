import { describe, expect, it } from '@jest/globals';
import { translateDataApiError } from '../../../lib/aws/data-api/translate-error.ts';

const thrown = (name: string, message: string): Error =>
  Object.assign(new Error(message), { name });

describe('errors of the Data API', () => {
  it('takes a PostgreSQL error apart, with the parts on one line or several', () => {
    const text =
      'ERROR: insert or update on table "b" violates foreign key constraint "b_a_fkey"; ' +
      'Detail: Key (a)=(7; x) is not present in table "a".; Position: 12; SQLState: 23503';
    for (const message of [text, text.replaceAll('; Detail', '\n  Detail')]) {
      expect(translateDataApiError(thrown('DatabaseErrorException', message))).toMatchObject({
        kind: 'constraint',
        sqlstate: '23503',
        message: 'insert or update on table "b" violates foreign key constraint "b_a_fkey"',
        detail: 'Key (a)=(7; x) is not present in table "a".',
        constraint: 'b_a_fkey',
        position: 12,
      });
    }
  });

  it.each([
    [
      'cancelled',
      'DatabaseErrorException',
      'ERROR: canceling statement due to user request; SQLState: 57014',
    ],
    ['outcome-unknown', 'BadRequestException', 'Request timed out'],
    ['outcome-unknown', 'StatementTimeoutException', 'Request timed out'],
    ['outcome-unknown', 'TransactionNotFoundException', 'Transaction x is not found.'],
    ['outcome-unknown', 'DatabaseErrorException', 'FATAL: terminating connection; SQLState: 57P01'],
    ['outcome-unknown', 'TimeoutError', 'no answer within 60 s'],
    ['denied', 'AccessDeniedException', 'not authorized to perform rds-data:ExecuteStatement'],
    ['denied', 'ExpiredTokenException', 'The security token included in the request is expired'],
    ['denied', 'InvalidSecretException', 'FATAL: password authentication failed; SQLState: 28P01'],
    ['unreachable', 'DatabaseNotFoundException', "doesn't have a DB instance"],
    ['unreachable', 'InvalidResourceStateException', 'is stopped'],
    ['statement', 'ValidationException', "Multistatements aren't supported."],
    ['statement', 'UnsupportedResultException', 'The result contains the unsupported data type'],
    ['outcome-unknown', 'SomethingNewException', 'who knows'],
  ])('says %s for %s: %s', (kind, name, message) => {
    expect(translateDataApiError(thrown(name, message))).toMatchObject({ kind });
  });

  it('tells how to turn the Data API on, under both names AWS has used', () => {
    for (const name of ['HttpEndpointNotEnabledException', 'BadRequestException']) {
      const error = thrown(name, 'HttpEndpoint is not enabled for resource arn:aws:rds:x');
      expect(translateDataApiError(error)).toMatchObject({ code: 'DataApiDisabled' });
    }
  });
});
