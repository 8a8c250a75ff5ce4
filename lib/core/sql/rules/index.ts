import type { Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { StatementEffect } from '../effect.ts';
import { alterTable } from './alter-table.ts';
import { CREATION_RULES } from './creation.ts';
import { DATA_RULES } from './data.ts';
import { DOMAIN_AND_TYPE_RULES } from './domain-and-type.ts';
import { DROP_RULES } from './drop.ts';
import { createIndex, reindex } from './index-build.ts';
import { MAINTENANCE_RULES } from './maintenance.ts';
import { PUBLICATION_RULES } from './publication.ts';
import { RENAME_RULES } from './rename.ts';
import type { NodeName, Rules } from './rule.ts';
import { SERVER_OBJECT_RULES } from './server-object.ts';
import { SESSION_RULES } from './session.ts';
import { TABLE_OBJECT_RULES } from './table-object.ts';

/** Every statement that is understood, by the name of its node in the parse tree. */
const RULES: Rules = {
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  ReindexStmt: reindex,
  ...CREATION_RULES,
  ...DATA_RULES,
  ...DOMAIN_AND_TYPE_RULES,
  ...DROP_RULES,
  ...MAINTENANCE_RULES,
  ...PUBLICATION_RULES,
  ...RENAME_RULES,
  ...SERVER_OBJECT_RULES,
  ...SESSION_RULES,
  ...TABLE_OBJECT_RULES,
};

/** The rule for a statement's node, undefined when there is none. */
export function ruleFor(node: Node): ((context: ClassifyContext) => StatementEffect) | undefined {
  const [entry] = Object.entries(node);
  if (entry === undefined) return undefined;
  const [name, body] = entry;
  // Sound: a node has one key, and RULES pairs each key with a rule for its own body.
  const rule = RULES[name as NodeName] as
    | ((body: unknown, context: ClassifyContext) => StatementEffect)
    | undefined;
  return rule === undefined ? undefined : (context) => rule(body, context);
}
