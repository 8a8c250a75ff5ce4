/** The access key id in a SigV4 `Authorization` header; undefined when the call is not signed. */
export function accessKeyIdOf(authorization: string | undefined): string | undefined {
  return /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\/\d{8}\//.exec(authorization ?? '')?.[1];
}
