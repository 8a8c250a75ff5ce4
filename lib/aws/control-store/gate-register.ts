import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { LockkeeperError } from '../../core/errors.ts';
import { type Decision, type Gate, type GateComparison, STOPS } from '../../core/gates/gate.ts';
import type { DurationMs, EpochMs, ExecutionId, PlanHash } from '../../core/ids.ts';
import type { ControlStore } from '../../ports/control-store.ts';
import { ABSENT, type ControlTable } from './control-table.ts';
import { branded, maybe, readItem, writeItem } from './item-format.ts';
import { gatePartition, keys } from './keys.ts';
import type { TokenCipher } from './token-cipher.ts';

type GateRegister = Pick<
  ControlStore,
  'getGate' | 'listGates' | 'putGate' | 'putTaskToken' | 'getTaskToken'
>;

const timeout = {
  timeoutMs: branded<DurationMs>('number'),
  onTimeout: z.enum(['hold', 'rollback']),
};
const at = branded<EpochMs>('number');

const decisionSchema: z.ZodType<Decision> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approved'), at, by: z.string() }),
  z.object({ kind: z.literal('rejected'), at, by: z.string(), reason: z.string() }),
  z.object({ kind: z.literal('expired'), at }),
]);

const comparisonSchema: z.ZodType<GateComparison> = z.object({
  at,
  found: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('equal'), rows: z.number() }),
    z.object({ kind: z.literal('different'), reason: z.string() }),
    z.object({ kind: z.literal('not-compared'), reason: z.string() }),
  ]),
  lastEqualAt: maybe(at),
  tookMs: z.number().optional(),
});

const gateSchema: z.ZodType<Gate> = z.object({
  executionId: branded<ExecutionId>('string'),
  name: z.enum(STOPS),
  declared: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('signal'), signals: z.array(z.string()), ...timeout }),
    z.object({ kind: z.literal('approval'), approvals: z.number(), ...timeout }),
    z.object({ kind: z.literal('timer'), durationMs: branded<DurationMs>('number') }),
  ]),
  planHash: branded<PlanHash>('string'),
  openedAt: at,
  expiresAt: at,
  approvals: z.array(z.object({ by: z.string(), at, reason: maybe(z.string()) })),
  decision: maybe(decisionSchema),
  comparison: comparisonSchema.optional(),
  overdueSince: at.optional(),
  revision: z.number().int().positive(),
});

const tokenSchema: z.ZodType<{ ciphertext: Uint8Array }> = z.object({
  ciphertext: z.instanceof(Uint8Array),
});

/** Gates with their revision, and the secrets that wake who waits at them. */
export function gateRegister(table: ControlTable, cipher: TokenCipher): GateRegister {
  const getGate: GateRegister['getGate'] = async (id, name) => {
    const item = await table.get(keys.gate(id, name));
    return item && readItem(gateSchema, item);
  };

  return {
    getGate,

    async listGates(id) {
      const gates = (await table.list(gatePartition(id))).map((item) => readItem(gateSchema, item));
      return gates.toSorted((a, b) => STOPS.indexOf(a.name) - STOPS.indexOf(b.name));
    },

    async putGate(gate, expectedRevision) {
      if (gate.revision <= expectedRevision) {
        throw new LockkeeperError(
          'Internal',
          `gate ${gate.name} goes from revision ${expectedRevision} to ${gate.revision}; it must grow`,
        );
      }
      const condition =
        expectedRevision === 0
          ? ABSENT
          : { text: 'revision = :expected', values: { ':expected': expectedRevision } };
      const written = await table.put(
        keys.gate(gate.executionId, gate.name),
        writeItem(gate),
        condition,
      );
      if (written === 'written') return 'written';
      // Our own write, whose answer got lost and which the SDK sent again, is no conflict.
      const kept = await getGate(gate.executionId, gate.name);
      return kept !== undefined && isDeepStrictEqual(plain(kept), plain(gate))
        ? 'written'
        : 'conflict';
    },

    async putTaskToken(executionId, gate, taskToken) {
      const ciphertext = await cipher.encrypt(taskToken, { executionId, gate });
      await table.put(keys.token(executionId, gate), writeItem({ ciphertext }));
    },

    async getTaskToken(executionId, gate) {
      const item = await table.get(keys.token(executionId, gate));
      if (item === undefined) return undefined;
      return cipher.decrypt(readItem(tokenSchema, item).ciphertext, { executionId, gate });
    },
  };
}

/** Without the difference between an undefined property and none. */
function plain(gate: Gate): unknown {
  return JSON.parse(JSON.stringify(gate));
}
