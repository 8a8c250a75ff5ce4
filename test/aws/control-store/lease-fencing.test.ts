import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dynamoDbControlStore } from '../../../lib/aws/control-store/dynamodb-control-store.ts';
import { localTokenCipher } from '../../../lib/aws/control-store/local-token-cipher.ts';
import { type ExecutionId, epochMs } from '../../../lib/core/ids.ts';
import type { ControlStore } from '../../../lib/ports/control-store.ts';
import { type ControlTableServer, startControlTable } from './control-table-server.ts';

const [A, B, C] = ['0001_a-aaaa', '0001_a-bbbb', '0001_a-cccc'] as unknown as readonly [
  ExecutionId,
  ExecutionId,
  ExecutionId,
];
const ACTORS = [A, B, C] as const;

type Move = 'acquire' | 'next' | 'release' | 'take over';

const turn = fc.record({
  actor: fc.constantFrom(...ACTORS),
  from: fc.constantFrom(...ACTORS),
  move: fc.constantFrom<Move>('acquire', 'next', 'release', 'take over'),
});

describe('leases under several actors', () => {
  let server: ControlTableServer;
  let store: ControlStore;
  let targets = 0;
  const asked: string[] = [];

  beforeAll(async () => {
    server = await startControlTable((_service, action) => {
      asked.push(action);
      return undefined;
    });
    store = dynamoDbControlStore({
      ...server,
      cipher: localTokenCipher(new Uint8Array(32).fill(1)),
    });
  });
  afterAll(() => server.close());

  /** @returns the fencing token the actor got, if any */
  async function play(
    target: string,
    { actor, from, move }: { actor: ExecutionId; from: ExecutionId; move: Move },
  ): Promise<number | undefined> {
    const now = epochMs(1);
    switch (move) {
      case 'acquire': {
        const answer = await store.acquireLease(target, actor, now);
        return answer.kind === 'acquired' ? answer.lease.fence : undefined;
      }
      case 'take over': {
        const answer = await store.takeOverLease(target, from, actor, now);
        return answer.kind === 'acquired' ? answer.lease.fence : undefined;
      }
      case 'next':
        return store.nextFencingToken(target, actor);
      case 'release':
        await store.releaseLease(target, actor);
        return undefined;
    }
  }

  it('follow the one-holder model in any order of calls, with tokens that only grow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 25 }), async (turns) => {
        // GIVEN a model: at most one holder, and the largest token given so far
        targets += 1;
        const target = `sequence/${targets}`;
        let holder: ExecutionId | undefined;
        let largest = 0;
        for (const one of turns) {
          const { actor, from, move } = one;
          const may =
            move === 'acquire'
              ? holder === undefined || holder === actor
              : move === 'take over'
                ? holder === undefined || holder === actor || holder === from
                : move === 'next' && holder === actor;
          // WHEN
          const token = await play(target, one);
          // THEN
          expect(token !== undefined).toBe(may);
          if (token !== undefined) {
            expect(token).toBeGreaterThan(largest);
            largest = token;
            holder = actor;
          }
          if (move === 'release' && holder === actor) holder = undefined;
          expect((await store.getLease(target))?.executionId).toBe(holder);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('never give one token twice, and each actor sees its own grow, when calls overlap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(turn, { maxLength: 8 }), { minLength: 3, maxLength: 3 }),
        async (plays) => {
          // GIVEN three actors, each with its own moves, all at once
          targets += 1;
          const target = `overlap/${targets}`;
          // WHEN
          const tokens = await Promise.all(
            plays.map(async (turns, index) => {
              const mine: number[] = [];
              for (const one of turns) {
                const token = await play(target, { ...one, actor: ACTORS[index] ?? A });
                if (token !== undefined) mine.push(token);
              }
              return mine;
            }),
          );
          // THEN
          const all = tokens.flat();
          expect(new Set(all).size).toBe(all.length);
          for (const mine of tokens) expect(mine).toEqual(mine.toSorted((a, b) => a - b));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('say who has a target in the call that refused, so that nobody can let go in between', async () => {
    // GIVEN
    await store.acquireLease('taken', A, epochMs(1));
    asked.length = 0;
    // WHEN
    const answers = [
      await store.acquireLease('taken', B, epochMs(2)),
      await store.takeOverLease('taken', B, C, epochMs(2)),
    ];
    // THEN
    for (const answer of answers) {
      expect(answer).toMatchObject({ kind: 'held', by: { executionId: A, since: 1 } });
    }
    expect(asked).toEqual(['UpdateItem', 'UpdateItem']);
  });

  it('give a free target to exactly one of many who ask at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const answers = await Promise.all(
        ACTORS.map((actor) => store.acquireLease(`race/${round}`, actor, epochMs(1))),
      );
      expect(answers.filter((answer) => answer.kind === 'acquired')).toHaveLength(1);
    }
  });
});
