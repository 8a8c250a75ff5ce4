/**
 * Where the app is deployed to, decided from the environment alone:
 *
 * - `account`: a real one, which costs money and time, so only when asked for by name
 * - `given`: an emulator that somebody else runs
 * - `ministack`: an emulator that we install and start
 */
export type Place =
  | { readonly kind: 'account' }
  | { readonly kind: 'given'; readonly endpoint: string }
  | { readonly kind: 'ministack' };

export type PlaceChoice = Place | { readonly kind: 'refused'; readonly why: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Says `refused` where an account would be used that nobody asked for by name. */
export function choosePlace(environment: Environment): PlaceChoice {
  const endpoint = environment['AWS_ENDPOINT_URL'] ?? '';
  const account = environment['LOCKKEEPER_TEST_REAL_AWS'] === '1';
  if (endpoint === '') return { kind: account ? 'account' : 'ministack' };
  if (!URL.canParse(endpoint)) {
    return { kind: 'refused', why: `AWS_ENDPOINT_URL is not a URL: ${endpoint}` };
  }
  const { hostname } = new URL(endpoint);
  if (account) {
    return {
      kind: 'refused',
      why: `LOCKKEEPER_TEST_REAL_AWS=1 with AWS_ENDPOINT_URL=${endpoint}; set one of the two`,
    };
  }
  if (/(?:^|\.)amazonaws\.com(?:\.cn)?$/.test(hostname)) {
    return {
      kind: 'refused',
      why: `AWS_ENDPOINT_URL=${endpoint} is AWS itself; unset it and set LOCKKEEPER_TEST_REAL_AWS=1`,
    };
  }
  return { kind: 'given', endpoint };
}
