import { describe, expect, it } from '@jest/globals';
import { choosePlace } from './place.ts';

describe('choosePlace', () => {
  it('installs an emulator when nothing is said', () => {
    expect(choosePlace({})).toEqual({ kind: 'ministack' });
    expect(choosePlace({ AWS_ENDPOINT_URL: '' })).toEqual({ kind: 'ministack' });
  });

  it('takes the emulator that is given', () => {
    expect(choosePlace({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toEqual({
      kind: 'given',
      endpoint: 'http://127.0.0.1:4566',
    });
  });

  it('takes an account only when asked for by name', () => {
    expect(choosePlace({ LOCKKEEPER_TEST_REAL_AWS: '1' })).toEqual({ kind: 'account' });
    // credentials that happen to be there are no wish
    expect(choosePlace({ AWS_PROFILE: 'prod' })).toEqual({ kind: 'ministack' });
    expect(choosePlace({ LOCKKEEPER_TEST_REAL_AWS: 'true' })).toEqual({ kind: 'ministack' });
  });

  it.each([
    { AWS_ENDPOINT_URL: 'https://states.eu-central-1.amazonaws.com' },
    { AWS_ENDPOINT_URL: 'https://states.cn-north-1.amazonaws.com.cn' },
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', LOCKKEEPER_TEST_REAL_AWS: '1' },
    { AWS_ENDPOINT_URL: 'localhost' },
  ])('refuses %p', (environment) => {
    expect(choosePlace(environment)).toMatchObject({ kind: 'refused' });
  });
});
