import type { Node } from 'libpg-query';
import type { NodeBody, NodeName } from '../rules/rule.ts';
import { undoAlterTable } from './undo-alter-table.ts';
import { UNDO_OF_CREATION } from './undo-creation.ts';
import { undoRename } from './undo-rename.ts';

/** Writes the statement that takes one back; undefined where it cannot be known. */
export type Undo<Name extends NodeName> = (body: NodeBody<Name>) => string | undefined;

export type Undos = { readonly [Name in NodeName]?: Undo<Name> };

const UNDOS: Undos = {
  AlterTableStmt: undoAlterTable,
  RenameStmt: undoRename,
  ...UNDO_OF_CREATION,
};

/**
 * The statement that takes a simple, reversible statement back, to be suggested to an author who
 * wrote none. Nothing is suggested where it could remove more than was made (IF NOT EXISTS), or
 * where what was there before is not in the text (OR REPLACE, DROP, SET DEFAULT).
 */
export function deriveUndo({ node }: { readonly node: Node }): string | undefined {
  const [entry] = Object.entries(node);
  if (entry === undefined) return undefined;
  const [name, body] = entry;
  // Sound: a node has one key, and UNDOS pairs each key with a function for its own body.
  const undo = UNDOS[name as NodeName] as ((body: unknown) => string | undefined) | undefined;
  return undo?.(body);
}
