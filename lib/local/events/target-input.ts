import type { BusEvent } from './event.ts';

/** What a target of a rule is told of an event. */
export type TargetInput =
  | { readonly kind: 'event' }
  /** A part of it, such as `$.detail`. */
  | { readonly kind: 'path'; readonly path: string }
  /** JSON that is always the same. */
  | { readonly kind: 'constant'; readonly json: string }
  /** JSON with `<name>` where a part of the event goes. */
  | {
      readonly kind: 'template';
      readonly paths: Readonly<Record<string, string>>;
      readonly template: string;
    };

/** The JSON that a target gets. @throws SyntaxError when a template does not make JSON */
export function inputFor(input: TargetInput, event: BusEvent): string {
  switch (input.kind) {
    case 'event':
      return JSON.stringify(event);
    case 'path':
      return JSON.stringify(partOf(event, input.path) ?? null);
    case 'constant':
      return input.json;
    case 'template': {
      const text = fill(input.template, (name) => partOf(event, input.paths[name] ?? '$'));
      return JSON.stringify(JSON.parse(text));
    }
  }
}

/** `$`, or names behind dots: what EventBridge's input paths are used for. */
function partOf(event: BusEvent, path: string): unknown {
  const names = path.split('.').slice(1);
  return names.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[name]
        : undefined,
    event,
  );
}

/** A placeholder inside of quotes is replaced by text, elsewhere by JSON. */
function fill(template: string, part: (name: string) => unknown): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (found, name?: string) => {
    if (found === '"') quoted = !quoted;
    if (name === undefined) return found;
    const value = part(name) ?? '';
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value)).slice(1, -1);
  });
}
