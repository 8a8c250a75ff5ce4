export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;

/** Bytes as people read them: `1.5 GiB`. */
export function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
