import type { STSClient } from '@aws-sdk/client-sts';

/** Where an STS is, and in which region a request to it is signed. */
export interface StsPlace {
  readonly endpoint: URL;
  readonly region: string;
}

/**
 * The STS of the client's region. Only this process's own configuration has a say in it: region,
 * endpoint option, `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`.
 */
export async function stsPlace({ config }: STSClient): Promise<StsPlace> {
  const region = await config.region();
  const own = config.isCustomEndpoint ? await config.endpoint?.() : undefined;
  if (own !== undefined) {
    const port = own.port === undefined ? '' : `:${own.port}`;
    return { region, endpoint: new URL(`${own.protocol}//${own.hostname}${port}/`) };
  }
  const configured = await config.serviceConfiguredEndpoint?.();
  if (configured !== undefined) return { region, endpoint: new URL('/', configured) };
  // Regional always: the global endpoint is another host, and the host is signed.
  const resolved = config.endpointProvider({
    Region: region,
    UseGlobalEndpoint: false,
    UseDualStack: false,
    UseFIPS: false,
  });
  return { region, endpoint: resolved.url };
}
