import type { SqlParser } from '../sql/parser.ts';

/**
 * What is the same for two statements that differ in their constants alone, as the server sees it when
 * it counts them; undefined for what cannot be read.
 */
export function shapeOf(sql: string, parser: SqlParser): string | undefined {
  const parsed = parser.parse(sql);
  if (parsed.kind !== 'parsed') return undefined;
  return JSON.stringify(
    parsed.statements.map(({ node }) => node),
    withoutConstants,
  );
}

function withoutConstants(key: string, value: unknown): unknown {
  if (key === 'location' || key === 'stmt_location' || key === 'stmt_len') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  return 'A_Const' in value || 'ParamRef' in value ? '?' : value;
}
