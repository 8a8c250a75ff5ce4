import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  SIGNAL_NAMES,
  SIGNALS,
  type SignalName,
  type SignalReading,
  type SignalValue,
  signalKind,
  THRESHOLDS,
  thresholdsOf,
} from '../../../lib/core/backfill/signals.ts';
import {
  parseHold,
  RUNNING,
  type ThrottleState,
  throttle,
  writeHold,
} from '../../../lib/core/backfill/throttle.ts';

const ABSENT = Object.fromEntries(SIGNAL_NAMES.map((name) => [name, 'absent'])) as SignalReading;
const CALM: SignalReading = {
  ...ABSENT,
  waitingForUs: 0,
  replicaLag: 0,
  oldestSnapshot: 0,
  wal: 0,
  connections: 20,
  deadRows: 5,
  vacuum: 1,
};

const held = (over: readonly SignalName[], reason = 'as it was'): ThrottleState => ({
  kind: 'held',
  over,
  reason,
});

describe('throttle', () => {
  it('lets a calm target run, with an ordinary vacuum and dead rows too', () => {
    expect(throttle(RUNNING, CALM)).toEqual(RUNNING);
    expect(throttle(RUNNING, { ...CALM, deadRows: 80 })).toEqual(RUNNING);
  });

  it.each<[SignalName, number, string]>([
    ['waitingForUs', 12, '12 sessions wait for our row locks'],
    ['connections', 91.4, "91% of the server's connections are in use"],
    ['replicaLag', 12_345.6, 'a replica is 12346 ms behind'],
    ['commitLatency', 140.2, 'a commit of one row takes 140 ms'],
    ['archiveBacklog', 42, '42 WAL segments wait to be archived'],
    ['wal', 240, 'the server writes 240 MB of WAL a second'],
    ['cpu', 95, "the writer's CPU is 95% busy"],
    ['cpuCredits', 12, 'the writer has 12 CPU credits left'],
    ['acu', 100, 'the writer has grown to 100% of its largest capacity'],
    ['oldestSnapshot', 7_200_000, 'a transaction of 120 min keeps dead rows from being removed'],
    ['wraparoundVacuum', 1, 'a vacuum against transaction id wraparound works on the table'],
  ])('holds for %s of %d and says why', (name, value, reason) => {
    expect(throttle(RUNNING, { ...CALM, [name]: value })).toEqual(held([name], reason));
  });

  it('names the first of several reasons, and remembers all of them', () => {
    const both = { ...CALM, replicaLag: 20_000, waitingForUs: 30 };
    const state = throttle(RUNNING, both);
    expect(state).toEqual(
      held(['waitingForUs', 'replicaLag'], '30 sessions wait for our row locks'),
    );
    expect(throttle(state, { ...both, waitingForUs: 0 })).toMatchObject({ over: ['replicaLag'] });
  });

  it('does not wait for what never held, however high it always is', () => {
    // GIVEN connections that are always between the two values, and a lag that passes
    const busy = { ...CALM, connections: 85 };
    const state = throttle(RUNNING, { ...busy, replicaLag: 20_000 });

    // THEN
    expect(throttle(state, busy)).toEqual(RUNNING);
  });

  it('holds when the target, or one signal of it, cannot be read', () => {
    expect(throttle(RUNNING, undefined)).toEqual(held([], 'the load of the target cannot be read'));
    const blind = throttle(held(['replicaLag']), { ...CALM, replicaLag: 5_000, cpu: 'unreadable' });
    expect(blind).toEqual(held(['replicaLag'], 'CPU of the writer: cannot be read'));
  });

  it('holds for dead rows where somebody wants it to', () => {
    const wanted = thresholdsOf((name) => (name === 'deadRows' ? 40 : undefined));
    const state = throttle(RUNNING, { ...CALM, deadRows: 41 }, wanted);
    expect(state).toEqual(held(['deadRows'], '41% of the rows in the table are dead'));
    expect(throttle(state, { ...CALM, deadRows: 20 }, wanted)).toEqual(RUNNING);
  });

  it('is known to the next call, as text', () => {
    const state = held(['waitingForUs', 'wal'], '12 sessions: they wait');
    expect(writeHold(state)).toBe('waitingForUs, wal: 12 sessions: they wait');
    expect(parseHold(writeHold(state))).toEqual(state);
    expect(parseHold(writeHold(RUNNING))).toEqual(RUNNING);
    const blind = held([], 'CPU of the writer: cannot be read');
    expect(parseHold(writeHold(blind))).toEqual(blind);
    // as an earlier version wrote it
    expect(parseHold('a replica is 12 ms behind')).toEqual(held([], 'a replica is 12 ms behind'));
  });
});

describe('whatever is read, in whatever order', () => {
  const value = (name: SignalName): fc.Arbitrary<SignalValue> => {
    const { hold, resume } = SIGNALS[name];
    const [low, high] = [Math.min(hold, resume), Math.max(hold, resume)];
    return fc.oneof(
      fc.double({ min: 0, max: 2 * high, noNaN: true }),
      fc.double({ min: low, max: high, noNaN: true, minExcluded: true, maxExcluded: true }),
      fc.constantFrom<SignalValue>('pending', 'unreadable', 'absent'),
    );
  };
  const reading = fc.record(
    Object.fromEntries(SIGNAL_NAMES.map((name) => [name, value(name)])) as {
      [Name in SignalName]: fc.Arbitrary<SignalValue>;
    },
  );
  const readings = fc.array(fc.option(reading, { nil: undefined, freq: 9 }), { maxLength: 12 });
  const unlessAbsent = (one: SignalValue, instead: number) => (one === 'absent' ? one : instead);
  const stateAfter = (all: readonly (SignalReading | undefined)[]): ThrottleState =>
    all.reduce<ThrottleState>((state, one) => throttle(state, one), RUNNING);

  it('nothing changes while every signal is between its two values', () => {
    fc.assert(
      fc.property(readings, reading, (past, ofTypes) => {
        const before = stateAfter(past);
        const between = (name: SignalName): SignalValue => {
          const { hold, resume } = signalKind(name);
          return unlessAbsent(ofTypes[name], (hold + resume) / 2);
        };
        const still = Object.fromEntries(
          SIGNAL_NAMES.map((name) => [name, between(name)]),
        ) as SignalReading;
        const after = throttle(before, still);
        const overBefore = before.kind === 'held' ? before.over : [];
        const overAfter = after.kind === 'held' ? after.over : [];
        expect(overAfter).toEqual(overBefore.filter((name) => still[name] !== 'absent'));
        expect(throttle(after, still)).toEqual(after);
      }),
    );
  });

  it('what cannot be read holds, and all that has come back lets go', () => {
    fc.assert(
      fc.property(readings, reading, (past, last) => {
        const state = throttle(stateAfter(past), last);
        if (Object.values(last).includes('unreadable')) expect(state.kind).toBe('held');
        const back = Object.fromEntries(
          SIGNAL_NAMES.map((name) => [name, unlessAbsent(last[name], signalKind(name).resume)]),
        ) as SignalReading;
        expect(throttle(state, back)).toEqual(RUNNING);
      }),
    );
  });

  it('it holds from the value on, and says which signal and why', () => {
    fc.assert(
      fc.property(readings, fc.constantFrom(...SIGNAL_NAMES), (past, name) => {
        const threshold = THRESHOLDS[name];
        const state = throttle(stateAfter(past), { ...CALM, [name]: signalKind(name).hold });
        if (threshold === undefined) return;
        expect(state).toMatchObject({ kind: 'held', over: expect.arrayContaining([name]) });
      }),
    );
  });
});
