import type { Node } from 'libpg-query';
import type { NodeBody, NodeName } from './rules/rule.ts';

/** Bodies of all nodes with this name, at any depth, in the order of the parse tree. */
export function nodesNamed<Name extends NodeName>(
  tree: unknown,
  name: Name,
): readonly NodeBody<Name>[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => nodesNamed(item, name));
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, value]) => {
    const inside = nodesNamed(value, name);
    // Sound: node names start with a capital, field names do not, so a key names its body's type.
    return key === name ? [value as NodeBody<Name>, ...inside] : inside;
  });
}

/** The terms of a conjunction, nested ones flattened; any other expression is its only term. */
export function conjuncts(expression: Node): readonly Node[] {
  const isAnd = 'BoolExpr' in expression && expression.BoolExpr.boolop === 'AND_EXPR';
  return isAnd ? (expression.BoolExpr.args ?? []).flatMap(conjuncts) : [expression];
}

/** The column that an expression consists of; undefined for any other expression. */
export function columnOf(expression: Node | undefined): string | undefined {
  if (expression === undefined || !('ColumnRef' in expression)) return undefined;
  const last = expression.ColumnRef.fields?.at(-1);
  return last !== undefined && 'String' in last ? last.String.sval : undefined;
}
