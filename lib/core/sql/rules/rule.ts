import type { Node } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import type { StatementEffect } from '../effect.ts';

type KeyOf<T> = T extends unknown ? keyof T : never;

/** The names of the parser's nodes, such as `AlterTableStmt`. */
export type NodeName = KeyOf<Node>;

/** The body of the node with this name. */
export type NodeBody<Name extends NodeName> =
  Extract<Node, Record<Name, unknown>> extends Record<Name, infer Body> ? Body : never;

/** Reads one kind of statement. */
export type Rule<Name extends NodeName> = (
  body: NodeBody<Name>,
  context: ClassifyContext,
) => StatementEffect;

export type Rules = { readonly [Name in NodeName]?: Rule<Name> };
