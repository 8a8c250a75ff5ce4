/** What one value of an event is compared with. */
export type PatternValue = string | number | boolean | null | Matcher;

/** The comparisons that are no literals, each an object with one key. */
export type Matcher =
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly wildcard: string }
  | { readonly exists: boolean }
  | { readonly 'anything-but': AnythingBut };

type Literal = string | number | boolean | null;
type TextMatcher =
  | { readonly prefix: string | readonly string[] }
  | { readonly suffix: string | readonly string[] }
  | { readonly wildcard: string | readonly string[] };
type AnythingBut = Literal | readonly Literal[] | TextMatcher;

/** Whether this is a comparison that the bus has; matching another one laxly would hide a broken rule. */
export function isPatternValue(value: unknown): value is PatternValue {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  const [[kind, argument] = [], ...more] = Object.entries(value);
  if (more.length > 0) return false;
  switch (kind) {
    case 'prefix':
    case 'suffix':
    case 'wildcard':
      return typeof argument === 'string';
    case 'exists':
      return typeof argument === 'boolean';
    case 'anything-but':
      return isAnythingBut(argument);
    default:
      return false;
  }
}

function isAnythingBut(argument: unknown): boolean {
  if (isLiteral(argument)) return true;
  if (Array.isArray(argument)) return argument.length > 0 && argument.every(isLiteral);
  const [[kind, texts] = [], ...more] = Object.entries(argument as object);
  if (more.length > 0 || !['prefix', 'suffix', 'wildcard'].includes(kind ?? '')) return false;
  return [texts].flat().every((text) => typeof text === 'string');
}

function isLiteral(value: unknown): value is Literal {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

/**
 * Whether a field fulfils one comparison.
 * @param values what the field holds: one value, or each element of a list; none when it is absent
 */
export function matchesValue(expected: PatternValue, values: readonly unknown[]): boolean {
  if (typeof expected !== 'object' || expected === null) return values.includes(expected);
  if ('exists' in expected) return values.length > 0 === expected.exists;
  if ('anything-but' in expected) {
    const but = expected['anything-but'];
    return values.some((value) => !isOneOf(but, value));
  }
  return values.some((value) => matchesText(expected, value));
}

function isOneOf(but: AnythingBut, value: unknown): boolean {
  if (isLiteral(but)) return but === value;
  return isList(but) ? but.some((one) => one === value) : matchesText(but, value);
}

function matchesText(matcher: TextMatcher, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if ('prefix' in matcher) return [matcher.prefix].flat().some((text) => value.startsWith(text));
  if ('suffix' in matcher) return [matcher.suffix].flat().some((text) => value.endsWith(text));
  return [matcher.wildcard].flat().some((text) => matchesWildcard(text, value));
}

/** `*` stands for any characters, also none; `\*` and `\\` for themselves. */
function matchesWildcard(pattern: string, value: string): boolean {
  const [first = '', ...rest] = chunksOf(pattern);
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first)) return false;
  let from = first.length;
  for (const chunk of rest) {
    const found = value.indexOf(chunk, from);
    if (found < 0) return false;
    from = found + chunk.length;
  }
  return value.length - last.length >= from && value.endsWith(last);
}

/** The literal texts between the stars. */
function chunksOf(pattern: string): readonly string[] {
  const chunks = [''];
  for (const [part] of pattern.matchAll(/\\[*\\]|./gs)) {
    if (part === '*') chunks.push('');
    else chunks.push(`${chunks.pop()}${part.length === 2 ? part.slice(1) : part}`);
  }
  return chunks;
}

function isList(value: AnythingBut): value is readonly Literal[] {
  return Array.isArray(value);
}
