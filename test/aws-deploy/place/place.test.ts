import { describe, expect, it } from '@jest/globals';
import { askDocker } from './docker.ts';
import { chooseOwn } from './own-emulator.ts';
import { choosePlace } from './place.ts';
import { addressIn, endpointsAt } from './start-localstack.ts';

describe('choosePlace', () => {
  it('starts an emulator of its own when nothing is said', () => {
    expect(choosePlace({})).toEqual({ kind: 'own', wanted: undefined });
    expect(choosePlace({ AWS_ENDPOINT_URL: '' })).toEqual({ kind: 'own', wanted: undefined });
    expect(choosePlace({ LOCKKEEPER_TEST_EMULATOR: 'ministack' })).toEqual({
      kind: 'own',
      wanted: 'ministack',
    });
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
    expect(choosePlace({ AWS_PROFILE: 'prod' })).toMatchObject({ kind: 'own' });
    expect(choosePlace({ LOCKKEEPER_TEST_REAL_AWS: 'true' })).toMatchObject({ kind: 'own' });
  });

  it.each([
    { AWS_ENDPOINT_URL: 'https://states.eu-central-1.amazonaws.com' },
    { AWS_ENDPOINT_URL: 'https://states.cn-north-1.amazonaws.com.cn' },
    { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', LOCKKEEPER_TEST_REAL_AWS: '1' },
    { AWS_ENDPOINT_URL: 'localhost' },
    { LOCKKEEPER_TEST_EMULATOR: 'moto' },
  ])('refuses %p', (environment) => {
    expect(choosePlace(environment)).toMatchObject({ kind: 'refused' });
  });
});

describe('an emulator of its own', () => {
  it('is LocalStack where Docker answers, and MiniStack when that does not start', async () => {
    const docker = () => askDocker(async () => undefined);

    expect(await chooseOwn(undefined, docker)).toEqual({
      emulators: ['localstack', 'ministack'],
      because: 'Docker answers',
    });
  });

  it('is MiniStack where Docker does not answer, and says why', async () => {
    const noSocket = async () => {
      throw new Error('connect ENOENT /var/run/docker.sock');
    };

    expect(await chooseOwn(undefined, () => askDocker(noSocket))).toEqual({
      emulators: ['ministack'],
      because: 'Docker does not answer: connect ENOENT /var/run/docker.sock',
    });
  });

  it('is the one that was asked for, without a question to Docker', async () => {
    const nobody = async () => {
      throw new TypeError('nobody is to ask');
    };

    expect(await chooseOwn('ministack', nobody)).toMatchObject({ emulators: ['ministack'] });
    expect(await chooseOwn('localstack', nobody)).toMatchObject({ emulators: ['localstack'] });
  });

  it('gets an answer about Docker on this machine, whatever it is', async () => {
    const docker = await askDocker();

    if (docker.kind === 'silent') expect(docker.why).not.toBe('');
    expect(['answers', 'silent']).toContain(docker.kind);
  });

  it('reaches the embedded RDS by the address that its containers have for this machine', () => {
    const address = addressIn('172.17.0.3      host.testcontainers.internal\n');

    expect(endpointsAt(address, { AWS_ENDPOINT_URL_RDS: 'http://127.0.0.1:5010' })).toEqual({
      AWS_ENDPOINT_URL_RDS: 'http://172.17.0.3:5010',
    });
    expect(() => addressIn('')).toThrow('no address in ""');
  });
});
