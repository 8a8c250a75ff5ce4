import type { Node } from 'libpg-query';

/** SET or RESET of one setting. */
export interface SessionSetting {
  /** Lowercase. */
  readonly name: string;
  /** SET LOCAL: ends with the transaction. */
  readonly local: boolean;
  /** RESET, or SET ... TO DEFAULT. */
  readonly reset: boolean;
  /** For a duration with a constant, in milliseconds; 0 is no limit. */
  readonly valueMs: number | undefined;
}

/** Undefined for any other statement. */
export function settingOf(node: Node): SessionSetting | undefined {
  if (!('VariableSetStmt' in node)) return undefined;
  const { name = '', kind, is_local, args = [] } = node.VariableSetStmt;
  const [value] = args;
  const constant = value !== undefined && 'A_Const' in value ? value.A_Const : undefined;
  return {
    name: name.toLowerCase(),
    local: is_local === true,
    reset: kind !== 'VAR_SET_VALUE',
    valueMs:
      constant?.ival === undefined
        ? durationMs(constant?.sval?.sval)
        : // The parser leaves zero out: `{ival: {}}`.
          (constant.ival.ival ?? 0),
  };
}

const UNITS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** As the server reads it: a number of milliseconds unless a unit follows. */
function durationMs(text: string | undefined): number | undefined {
  const [, number, unit = 'ms'] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*$/.exec(text ?? '') ?? [];
  const factor = UNITS[unit];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
