const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs;

/**
 * Splits PostgreSQL's text form of a one-dimensional array, such as `{1,NULL,"a,b"}`.
 * @returns undefined when the array has more than one dimension or its own bounds
 */
export function arrayElements(text: string): readonly (string | null)[] | undefined {
  if (!text.startsWith('{') || text.startsWith('{{')) return undefined;
  return [...text.slice(1, -1).matchAll(ELEMENT)].map(([, quoted, plain]) => {
    if (quoted !== undefined) return quoted.replaceAll(/\\(.)/gs, '$1');
    return plain === 'NULL' ? null : (plain ?? '');
  });
}
