import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RETRY_KILLED_FUNCTION } from '../../lib/constructs/retry-policies.ts';
import { FAILURES } from '../../lib/core/workflow/failures.ts';
import { PAYLOAD_FORMAT } from '../../lib/core/workflow/payload.ts';
import { ENDINGS, FORWARD_ORDER, STAGES } from '../../lib/core/workflow/states.ts';
import { renderWorkflow } from './rendered-workflow.ts';
import { type Answer, runScripted, type Script } from './scripted-run.ts';

const forward = FORWARD_ORDER.map((name) => STAGES[name]);
const beforeFinalize = forward.filter(({ state }) => state !== STAGES.finalize.state);
const afterPrepare = beforeFinalize.filter(({ state }) => state !== STAGES.prepare.state);
const gates = forward.filter((stage) => stage.kind === 'gate');
const taskStates = Object.entries(renderWorkflow().States).flatMap(([name, { Type }]) =>
  Type === 'Task' ? [name] : [],
);

describe('a run of the workflow', () => {
  it('succeeds when every stage is done', async () => {
    const { end, calls } = await runScripted();

    expect(end).toBe('Succeeded');
    expect(calls.map(({ state }) => state)).toEqual([
      ...forward.map(({ state }) => state),
      'Record success',
    ]);
  });

  it('tells each handler which execution, mode and run it works for, and nothing more', async () => {
    const { calls } = await runScripted({}, { mode: 'resume' });
    const identity = {
      formatVersion: PAYLOAD_FORMAT,
      executionId: '0002_add_billing-k3x9',
      mode: 'resume',
      run: 'arn:run',
    };

    const payloadOf = (name: string) => calls.find(({ state }) => state === name)?.payload;

    expect(payloadOf('Backfill')).toEqual(identity);
    expect(payloadOf('Open deploy gate')).toEqual({ ...identity, gate: 'deploy' });
    expect(payloadOf('Snapshot')).toEqual({ ...identity, moment: 'before-expand' });
    expect(payloadOf('Snapshot before contract')).toEqual({
      ...identity,
      moment: 'before-contract',
    });
    expect(payloadOf('Record success')).toEqual({ ...identity, result: 'succeeded' });
  });

  it.each(forward)('comes back to "$state" until it is done', async ({ state, kind, wait }) => {
    const { end, calls, visited } = await runScripted({ [state]: ['continue', 'wait', 'done'] });

    expect(end).toBe('Succeeded');
    expect(calls.filter((call) => call.state === state)).toHaveLength(3);
    if (kind === 'work') expect(visited).toContain(wait);
  });

  it('is rejected when prepare refuses, and touches nothing', async () => {
    const { end, calls } = await runScripted({ Prepare: ['rejected'] });

    expect(end).toBe('MigrationRejected');
    expect(calls.map(({ state }) => state)).toEqual(['Prepare', 'Record rejection']);
  });

  it.each([...(['failed', 'aborted'] as const), { throws: 'Kaboom' }, 'unheard-of' as const])(
    'rolls back when prepare ends with %p, because a resumed execution has something to undo',
    async (answer) => {
      const { end, visited } = await runScripted({ Prepare: [answer] }, { mode: 'resume' });

      expect(end).toBe('MigrationRolledBack');
      expect(visited).not.toContain('Record rejection');
    },
  );

  it.each(
    afterPrepare.flatMap(({ state }) =>
      (['rejected', 'failed', 'aborted', 'unheard-of', { throws: 'Kaboom' }] as const).map(
        (answer) => ({ state, answer }),
      ),
    ),
  )('rolls back when "$state" ends with $answer', async ({ state, answer }) => {
    const { end, visited } = await runScripted({ [state]: [answer] });

    expect(end).toBe('MigrationRolledBack');
    expect(visited.slice(visited.indexOf('Roll back'))).toEqual([
      'Roll back',
      'Is it rolled back?',
      'Record rollback',
      'Migration rolled back',
    ]);
  });

  it('calls a killed function again before it gives up on it', async () => {
    const killed = { throws: 'Sandbox.Timedout' };
    const allowed = RETRY_KILLED_FUNCTION.maxAttempts ?? 0;

    const survived = await runScripted({ Backfill: Array(allowed).fill(killed) });
    const lost = await runScripted({ Backfill: Array(allowed + 1).fill(killed) });

    expect(survived.end).toBe('Succeeded');
    expect(lost.end).toBe('MigrationRolledBack');
  });

  it.each(gates)('sleeps at "$state" and reads the record again when woken', async (gate) => {
    const { end, visited } = await runScripted({ [gate.state]: ['wait', 'wait', 'done'] });

    expect(end).toBe('Succeeded');
    expect(visited.filter((name) => name === gate.await)).toHaveLength(2);
  });

  it.each(gates)('believes no wake-up at "$await": the record decides', async (gate) => {
    // GIVEN a wake-up that claims an approval while the record says rejected
    const { end } = await runScripted({
      [gate.state]: ['wait', 'rejected'],
      [gate.await]: ['done'],
    });

    expect(end).toBe('MigrationRolledBack');
  });

  it.each([
    { throws: 'States.Timeout', pause: false },
    { throws: 'WrongState', pause: false },
    { throws: 'AccessDenied', pause: true },
  ])('reads the record again after waiting ended with $throws', async ({ throws, pause }) => {
    const { end, visited } = await runScripted({
      'Open soak gate': ['wait', 'done'],
      'Await soak': [{ throws }],
    });

    expect(end).toBe('Succeeded');
    expect(visited.includes('Look again at soak gate')).toBe(pause);
  });

  it.each(['failed', 'rejected', 'unheard-of', { throws: 'Kaboom' }] as const)(
    'asks for a forward fix when finalize ends with %p',
    async (answer) => {
      const { end, visited } = await runScripted({ Finalize: [answer] });

      expect(end).toBe('ForwardFixRequired');
      expect(visited).not.toContain('Roll back');
    },
  );

  it('rolls back when finalize was aborted before it dropped anything', async () => {
    const { end } = await runScripted({ Finalize: ['aborted'] });

    expect(end).toBe('MigrationRolledBack');
  });

  it.each(['failed', 'rejected', 'aborted', 'unheard-of', { throws: 'Kaboom' }] as const)(
    'fails loudly when rolling back ends with %p',
    async (answer) => {
      const { end, visited } = await runScripted({ Expand: ['failed'], 'Roll back': [answer] });

      expect(end).toBe('RollbackFailed');
      expect(visited).toContain('Record rollback failure');
    },
  );

  it('only goes back in the mode rollback', async () => {
    const { end, calls } = await runScripted({}, { mode: 'rollback' });

    expect(end).toBe('MigrationRolledBack');
    expect(calls.map(({ state }) => state)).toEqual(['Roll back', 'Record rollback']);
  });

  it('rolls back an interrupted run from the input that EventBridge has of it', async () => {
    const detail = {
      executionArn:
        'arn:aws:states:us-east-1:000000000000:execution:Lockkeeper:0007_split_name-aaaa',
      status: 'ABORTED',
      input: JSON.stringify({ executionId: '0007_split_name-aaaa', mode: 'forward' }),
    };

    const { end, calls } = await runScripted({}, detail);

    expect(end).toBe('MigrationRolledBack');
    expect(calls[0]?.payload).toEqual({
      formatVersion: PAYLOAD_FORMAT,
      executionId: '0007_split_name-aaaa',
      mode: 'rollback',
      run: 'arn:run',
    });
  });

  it.each([undefined, 0, PAYLOAD_FORMAT + 1, `${PAYLOAD_FORMAT}`])(
    'stops before it calls anything when its input has format %p',
    async (formatVersion) => {
      for (const mode of ['forward', 'resume', 'rollback'] as const) {
        const { end, calls } = await runScripted({}, { mode, formatVersion });

        expect({ end, calls }).toEqual({ end: 'UnknownVersion', calls: [] });
      }
    },
  );

  it.each([...forward, STAGES.rollback])(
    'stops where it is when "$state" meets another version, and records no ending',
    async ({ state }) => {
      const mode = state === STAGES.rollback.state ? 'rollback' : 'forward';

      const { end, visited, calls } = await runScripted({ [state]: ['incompatible'] }, { mode });

      expect(end).toBe('UnknownVersion');
      expect(visited.at(-1)).toBe('Made by another version');
      expect(calls.at(-1)?.state).toBe(state);
    },
  );

  it.each(Object.values(ENDINGS))(
    'ends in "$stop" even when "$record" fails',
    async ({ record, stop, failure }) => {
      const wayThere: Record<string, Script> = {
        'Record success': {},
        'Record rejection': { Prepare: ['rejected'] },
        'Record rollback': { Expand: ['failed'] },
        'Record rollback failure': { Expand: ['failed'], 'Roll back': ['failed'] },
        'Record forward fix': { Finalize: ['failed'] },
      };

      const run = await runScripted({ ...wayThere[record], [record]: [{ throws: 'Kaboom' }] });

      expect(run.visited.at(-1)).toBe(stop);
      expect(run.end).toBe(failure ?? 'Succeeded');
    },
  );

  it('ends in one of its six ways whatever the handlers do, and never well after going back', async () => {
    const answer = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<Answer>('done', 'continue', 'wait') },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Answer>(
          'rejected',
          'failed',
          'aborted',
          'incompatible',
          'unheard-of',
          { throws: 'Lambda.ServiceException' },
          { throws: 'States.Timeout' },
          { throws: 'Kaboom' },
        ),
      },
    );
    const scripts = fc.dictionary(
      fc.constantFrom(...taskStates),
      fc.array(answer, { maxLength: 5 }),
      { maxKeys: taskStates.length },
    );
    await fc.assert(
      fc.asyncProperty(
        scripts,
        fc.constantFrom('forward', 'resume', 'rollback'),
        async (script, mode) => {
          const { end, visited } = await runScripted(script, { mode });

          expect(['Succeeded', ...Object.keys(FAILURES)]).toContain(end);
          if (visited.includes('Roll back')) {
            expect(['MigrationRolledBack', 'RollbackFailed', 'UnknownVersion']).toContain(end);
          }
          if (end === 'Succeeded') expect(visited).toContain('Finalize');
          if (end === 'MigrationRejected') expect(visited).not.toContain('Expand');
          if (end === 'ForwardFixRequired') expect(visited).toContain('Finalize');
        },
      ),
      { numRuns: 300 },
    );
  });
});
