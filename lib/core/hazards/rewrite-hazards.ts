import { type Examined, type Finding, finding } from './finding.ts';

/** Statements that write a whole table anew for no other reason than its shape on disk. */
export function rewriteHazards(examined: Examined): readonly Finding[] {
  const { classification } = examined;
  if (classification.rewrites === 'no' || !classification.understood) return [];
  const tables = classification.rewritten.map(({ relation }) => relation.name).join(', ');
  const certain = classification.rewrites === 'yes';
  if (classification.subcommands.includes('alter-column-type')) {
    const message = certain
      ? `the new type is stored differently: ${tables} and its indexes are written anew while nobody can use them`
      : `the new type may be stored differently: then ${tables} is written anew while nobody can use it`;
    const safer =
      'add a column of the new type, keep it in sync, backfill it, and contract the old one';
    return [finding(examined, 'alter-type-rewrite', certain ? 'error' : 'warning', message, safer)];
  }
  const rewriting =
    REWRITING_STATEMENTS.has(classification.statementKind) ||
    classification.subcommands.some((name) => REWRITING_COMMANDS.has(name));
  const message = `${tables} is written anew while nobody can use it`;
  return rewriting
    ? [
        finding(
          examined,
          'table-rewrite',
          'error',
          message,
          'pg_repack does it while the table is in use',
        ),
      ]
    : [];
}

const REWRITING_STATEMENTS: ReadonlySet<string> = new Set(['vacuum-full', 'cluster']);
const REWRITING_COMMANDS: ReadonlySet<string> = new Set([
  'set-logged',
  'set-unlogged',
  'set-tablespace',
  'set-access-method',
  'set-expression',
]);
