/**
 * Where the app is deployed to, decided from the environment alone:
 *
 * - `account`: a real one, which costs money and time, so only when asked for by name
 * - `given`: an emulator that somebody else runs
 * - `own`: an emulator that we start
 */
export type Place =
  | { readonly kind: 'account' }
  | { readonly kind: 'given'; readonly endpoint: string }
  | { readonly kind: 'own'; readonly wanted: OwnEmulator | undefined };

/** What we can start, the better one first. */
export const OWN_EMULATORS = ['localstack', 'ministack'] as const;
export type OwnEmulator = (typeof OWN_EMULATORS)[number];

export type PlaceChoice = Place | { readonly kind: 'refused'; readonly why: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Says `refused` where an account would be used that nobody asked for by name. */
export function choosePlace(environment: Environment): PlaceChoice {
  const endpoint = environment['AWS_ENDPOINT_URL'] ?? '';
  const account = environment['LOCKKEEPER_TEST_REAL_AWS'] === '1';
  if (endpoint === '') return account ? { kind: 'account' } : ownEmulator(environment);
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

function ownEmulator(environment: Environment): PlaceChoice {
  const name = environment['LOCKKEEPER_TEST_EMULATOR'] ?? '';
  if (name === '') return { kind: 'own', wanted: undefined };
  const wanted = OWN_EMULATORS.find((one) => one === name);
  if (wanted !== undefined) return { kind: 'own', wanted };
  return {
    kind: 'refused',
    why: `LOCKKEEPER_TEST_EMULATOR must be ${OWN_EMULATORS.join(' or ')}, got ${name}`,
  };
}
