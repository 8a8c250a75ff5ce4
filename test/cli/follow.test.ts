import './support/no-color.ts';
import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../lib/cli/connection.ts';
import { EXIT_CODES } from '../../lib/cli/exit-codes.ts';
import { follow } from '../../lib/cli/follow.ts';
import { followedResult } from '../../lib/cli/followed-result.ts';
import type { StatusFacts } from '../../lib/cli/views/status-view.ts';
import { LockkeeperError } from '../../lib/core/errors.ts';
import { durationMs, epochMs } from '../../lib/core/ids.ts';
import { execution, facts, ID, NOON } from './support/executions.ts';

type Look = Partial<StatusFacts> | LockkeeperError;

/** An environment in which each look at an execution finds the next of these; the last one stays. */
function environmentThatShows(...looks: readonly Look[]): Connection {
  let now = NOON;
  let seen = -1;
  const current = () => {
    const look = looks[Math.min(seen, looks.length - 1)];
    if (look instanceof LockkeeperError) throw look;
    return facts(look);
  };
  const shown = {
    addressing: [],
    clock: {
      now: () => now,
      sleep: async (duration: number) => {
        now = epochMs(now + duration);
      },
      random: () => 0,
    },
    workflow: { describe: async () => ({ status: current().workflow, error: current().failure }) },
    control: {
      getExecution: async () => {
        seen += 1;
        return current().execution;
      },
      getFlags: async () => current().flags,
      listGates: async () => current().gates,
      listSignals: async () => current().signals,
      getProgress: async () => current().progress,
      listSnapshotRecords: async () => current().snapshots,
    },
  };
  return shown as unknown as Connection;
}

const at = (status: StatusFacts['execution']['status']) => ({ execution: execution({ status }) });
const unreachable = new LockkeeperError('TargetUnreachable', 'no network');

describe('follow', () => {
  it('ends with the execution', async () => {
    // GIVEN
    const looked: string[] = [];
    const connection = environmentThatShows(at('starting'), at('running'), at('succeeded'));

    // WHEN
    const followed = await follow(connection, ID, {
      onLook: ({ execution: { status } }) => looked.push(status),
    });

    // THEN
    expect(looked).toEqual(['starting', 'running', 'succeeded']);
    expect(followed.kind).toBe('ended');
    expect(followedResult(followed, NOON).exitCode).toBe(EXIT_CODES.ok);
  });

  it('waits for a resumed execution although it still has the status of its last failure', async () => {
    const connection = environmentThatShows(
      { ...at('forward-fix-required'), workflow: 'RUNNING' },
      { ...at('forward-fix-required'), workflow: 'FAILED' },
    );
    const followed = await follow(connection, ID);
    expect(followed.facts.workflow).toBe('FAILED');
    expect(followedResult(followed, NOON).exitCode).toBe(EXIT_CODES.forwardFixRequired);
  });

  it('ends early when it has seen enough', async () => {
    const followed = await follow(environmentThatShows(at('starting'), at('running')), ID, {
      until: ({ execution }) => execution.status !== 'starting',
    });
    expect(followed).toMatchObject({ kind: 'reached', facts: at('running') });
  });

  it('ends when the time is over, with an exit code of its own', async () => {
    const followed = await follow(environmentThatShows(at('running')), ID, {
      timeoutMs: durationMs(90_000),
    });
    expect(followed.kind).toBe('timed-out');
    const result = followedResult(followed, NOON);
    expect(result.exitCode).toBe(EXIT_CODES.stillWaiting);
    expect(result.text).toContain('the time is over; the execution goes on by itself');
  });

  it('gives an execution up that nobody works on, but not while its steps still move', async () => {
    // GIVEN a way back that was started automatically and of which no run is recorded
    const step = { stepId: 'a', kind: 'statement', state: 'undone', startedAt: NOON } as const;
    const moving = Array.from({ length: 200 }, (_, second) => ({
      ...at('rolling-back'),
      workflow: 'ABORTED',
      progress: [{ ...step, updatedAt: epochMs(NOON + second * 1_000) }],
    }));
    const connection = environmentThatShows(...moving);

    // WHEN
    const followed = await follow(connection, ID);

    // THEN
    expect(followed.kind).toBe('abandoned');
    expect(connection.clock.now() - NOON).toBeGreaterThan(250_000);
    expect(followedResult(followed, NOON).exitCode).toBe(EXIT_CODES.unexpected);
  });

  it('does not wait for a run that stopped at another version: nobody takes it back', async () => {
    const failure = 'UnknownVersion';
    const connection = environmentThatShows({ ...at('running'), workflow: 'FAILED', failure });

    const followed = await follow(connection, ID);

    expect(followed).toMatchObject({ kind: 'abandoned', facts: { failure } });
    expect(connection.clock.now()).toBe(NOON);
  });

  it('does not mind half a minute without a network', async () => {
    const connection = environmentThatShows(
      ...Array.from({ length: 25 }, () => unreachable),
      at('succeeded'),
    );
    await expect(follow(connection, ID)).resolves.toMatchObject({ kind: 'ended' });
  });

  it('fails when the network stays away', async () => {
    await expect(follow(environmentThatShows(unreachable), ID)).rejects.toBe(unreachable);
  });

  it('fails at once when asking again would not help', async () => {
    const denied = new LockkeeperError('AccessDenied', 'not yours');
    const connection = environmentThatShows(denied);
    await expect(follow(connection, ID)).rejects.toBe(denied);
    expect(connection.clock.now()).toBe(NOON);
  });
});
