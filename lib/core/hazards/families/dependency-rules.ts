import { always, inPhases, type StatementRule } from '../rule.ts';

/** What hangs together without the catalog knowing it, and names that are cut. */
export const DEPENDENCY_RULES: readonly StatementRule[] = [
  {
    id: 'replaced-function',
    severity: inPhases('info', { plain: 'silent' }),
    why: 'callers get the new body in the middle of their work, and no dependency is recorded for what is inside it',
    safer: 'a body that is right before, during and after the steps around it',
    source: 'pg-schema-diff HAS_UNTRACKABLE_DEPENDENCIES',
    find: ({ classification }) =>
      classification.statementKind === 'create-or-replace-function' ||
      classification.statementKind === 'create-or-replace-procedure'
        ? classification.objects.map(({ name = '' }) => ({
            message: `${name} gets another body while it may be running`,
          }))
        : [],
  },
  {
    id: 'extension-change',
    severity: always('warning'),
    why: 'the scripts of an extension run whatever they contain, under locks that nobody can tell, and cannot be undone',
    safer: 'read the update script of the extension, and rehearse it on a restored snapshot',
    source: 'pg-schema-diff UPGRADING_EXTENSION_VERSION',
    find: ({ statement: { node } }) =>
      'AlterExtensionStmt' in node
        ? [{ message: `extension ${node.AlterExtensionStmt.extname ?? ''} is updated` }]
        : [],
  },
  {
    id: 'identifier-too-long',
    severity: always('warning'),
    why: 'PostgreSQL cuts names after 63 bytes without an error, so that two long ones can become the same',
    safer: 'a name of at most 63 bytes',
    source: 'squawk identifier-too-long; Bytebase; PostgreSQL documentation, Identifiers',
    find: ({ statement: { text }, target }) =>
      (mayHaveLongName(text) ? target.parser.tokens(text) : [])
        .filter(({ name }) => name === 'IDENT')
        .map(({ start, end }) => text.slice(start, end))
        .filter((word) => bytesOf(word) > MOST_BYTES)
        .map((word) => ({ message: `${word} has ${bytesOf(word)} bytes` })),
  },
];

/** NAMEDATALEN - 1. */
const MOST_BYTES = 63;

/**
 * Saves nearly every statement the lexer, which takes as long as parsing it. A quoted name may have
 * spaces; any other that is too long has at least 22 characters, of three bytes in UTF-8 each.
 */
function mayHaveLongName(text: string): boolean {
  return text.includes('"') || /[^\s(),;.]{22}/.test(text);
}

function bytesOf(word: string): number {
  const name = word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word;
  return new TextEncoder().encode(name).length;
}
