import type { Node } from 'libpg-query';

/** The kinds of nodes of PostgreSQL's parse tree, such as `SelectStmt`. */
export type NodeKind = Node extends infer Member
  ? Member extends object
    ? keyof Member
    : never
  : never;

/** What a node of this kind holds. */
export type NodeOf<Kind extends NodeKind> = Extract<Node, Readonly<Record<Kind, unknown>>>[Kind];

/** Every node of a kind in a parse tree, at any depth, outer ones first. */
export function nodesOf<Kind extends NodeKind>(tree: unknown, kind: Kind): readonly NodeOf<Kind>[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => nodesOf(item, kind));
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => [
    ...(key === kind ? [value as NodeOf<Kind>] : []),
    ...nodesOf(value, kind),
  ]);
}

/** The kind of the statement itself. */
export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? '';
}

/** Statements that change rows, wherever they stand: also inside a WITH. */
export function changesRows(tree: unknown): boolean {
  const kinds = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'] as const;
  return kinds.some((kind) => nodesOf(tree, kind).length > 0);
}
