import './support/no-color.ts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../lib/cli/connect.ts';
import { silentOutput } from '../../lib/cli/output.ts';
import { openProject } from '../../lib/cli/project.ts';
import { type EmbeddedProject, embeddedProject } from './support/embedded-project.ts';

/** The story of two migrations, told with nothing but the command line. Each test goes on. */
let project: EmbeddedProject;
beforeAll(async () => {
  project = await embeddedProject();
}, 120_000);
afterAll(() => project?.remove());

const columns = async () => {
  const { rows } = await project.database.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_name = 'people' order by ordinal_position`,
  );
  return rows.map(({ name }) => name);
};

interface Status {
  readonly execution: {
    readonly executionId: string;
    readonly status: string;
    readonly planHash: string;
  };
  readonly next: readonly string[];
}

let first: string;
let planHash: string;

describe('before anything ran', () => {
  it('there is nothing to show, and it says what to do', async () => {
    expect(await project.lockkeeper('status')).toEqual({
      exitCode: 2,
      out: '',
      err: 'error  there is no execution yet\nfix    start one: lockkeeper start <migration>',
    });
    expect(await project.lockkeeper('history')).toMatchObject({ out: 'there is no execution yet' });
    expect(await project.lockkeeper('snapshots')).toMatchObject({
      out: 'no execution took a snapshot yet',
    });
  });

  it('a plan is shown without touching the target', async () => {
    // WHEN
    const plan = await project.json<{ hash: string; obstacle: null }>('plan', '0001');

    // THEN
    expect(plan).toMatchObject({ executionId: null, obstacle: null });
    planHash = plan.hash;
    expect(await columns()).toEqual(['id', 'name']);
    const { rows } = await project.database.query(`select to_regnamespace('lockkeeper') as ledger`);
    expect(rows).toEqual([{ ledger: null }]);
  });

  it('a plan says how each step is taken back, also for a pull request', async () => {
    const text = await project.lockkeeper('plan', '0001');
    expect(text.out).toContain('THE WAY BACK');
    expect(text.out).toContain(
      'structural rollback ends with finalize (step 4) and nowhere before it',
    );
    const markdown = await project.lockkeeper('plan', '0001', '--markdown');
    expect(markdown.out).toMatch(/^## Add a nickname\n/);
    expect(markdown.out).toMatch(/^\| 1 \| `add_nickname` \| logical \| .* \| not rehearsed \|$/m);
  });

  it('a plan says why the migration could not be started now', async () => {
    expect(await project.lockkeeper('plan', '0002')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining(
        'start would be refused now: migration 0001_add_nickname comes before 0002_add_initials',
      ),
    });
  });
});

describe('a migration that goes through', () => {
  it('is on its way once it is prepared, with the plan that was shown', async () => {
    // WHEN
    const said = await project.lockkeeper('start', '0001', '--as', 'alice', '--json');

    // THEN
    expect(said.exitCode).toBe(0);
    const { execution } = JSON.parse(said.out) as Status;
    expect(execution).toMatchObject({
      status: 'running',
      planHash,
      startedBy: 'arn:aws:iam::000000000000:user/alice',
    });
    first = execution.executionId;
  });

  it('refuses a second one meanwhile and names the first', async () => {
    // WHEN
    const said = await project.lockkeeper('start', '0002');

    // THEN
    expect(said.exitCode).toBe(3);
    expect(said.out).toContain(`is in the hands of execution ${first}`);
    expect(said.out).toContain('lockkeeper start 0002_add_initials');
  });

  it('waits for the deployment and says how to signal it', async () => {
    await project.until('0001', 'gate deploy');
    const said = await project.lockkeeper('status', '0001');
    expect(said.out).toContain('deploy: waits for a signal of app, 6 d 23 h left');
    expect(said.out).toContain(`  lockkeeper signal ${first} app`);
  });

  it('does not take an approval for a gate that is not open', async () => {
    expect(await project.lockkeeper('approve', first, 'contract')).toMatchObject({
      exitCode: 7,
      err: `error  gate contract of ${first} is not open yet\nfix    the open gate is deploy`,
    });
  });

  it('stays where it is when it is paused, and goes on when it is resumed', async () => {
    // GIVEN a pause at the gate
    expect(await project.lockkeeper('pause', first, '--reason', 'lunch')).toMatchObject({
      exitCode: 0,
      out: `${first}: it pauses before its next step or batch`,
    });

    // WHEN the deployment is signalled, twice
    const signal = ['signal', first, 'app', '--version', 'v2', '--as', 'pipeline'];
    expect((await project.lockkeeper(...signal)).out).toBe(`${first}: gate deploy opens`);
    expect((await project.lockkeeper(...signal)).out).toBe(
      `${first}: signal app@v2 was known already`,
    );

    // THEN
    const paused = await project.json<Status>('status', first);
    expect(paused.next).toEqual([`lockkeeper resume ${first}`]);
    expect(await project.lockkeeper('resume', first)).toMatchObject({
      exitCode: 0,
      out: `${first}: it goes on`,
    });
    await project.until(first, 'gate contract');
    const { rows } = await project.database.query(
      `select count(*)::int as filled from people where nickname = lower(name)`,
    );
    expect(rows).toEqual([{ filled: 500 }]);
  });

  it('is approved by somebody else, for the plan that was looked at', async () => {
    // GIVEN
    const approve = (...more: readonly string[]) =>
      project.lockkeeper('approve', first, 'contract', ...more);

    // THEN
    expect(await approve('--as', 'alice')).toMatchObject({
      exitCode: 7,
      err: expect.stringContaining('user/alice started this execution and may not approve'),
    });
    expect(await approve('--plan', '0123456789ab')).toMatchObject({
      exitCode: 7,
      err: expect.stringContaining(`the execution runs plan ${planHash.slice(0, 12)}`),
    });
    expect(await approve('--as', 'bob', '--plan', planHash.slice(0, 10))).toMatchObject({
      exitCode: 0,
      out: `${first}: gate contract is approved (plan ${planHash.slice(0, 12)})`,
    });
  });

  it('is watched to its end', async () => {
    const said = await project.lockkeeper('watch', first);
    expect(said.exitCode).toBe(0);
    expect(said.err).toContain('require_nickname: done');
    expect(said.out).toMatch(/^0001_add_nickname-\w+ {2}succeeded/);
  });

  it('leaves a trail of who did what', async () => {
    // WHEN
    const { events } = await project.json<{ events: readonly { kind: string; by?: string }[] }>(
      'history',
      first,
    );

    // THEN
    const by = (kind: string) => events.filter((event) => event.kind === kind).map(({ by }) => by);
    const user = (name: string) => `arn:aws:iam::000000000000:user/${name}`;
    expect(by('ExecutionStarted')).toEqual([user('alice')]);
    expect(by('SignalReceived')).toEqual([user('pipeline')]);
    expect(by('GateDecided')).toContain(user('bob'));
    expect((await project.lockkeeper('history')).out).toContain(first);
  });

  it('can be restored into a new cluster, while the target stays as it is', async () => {
    // GIVEN
    const listed = await project.json<{ snapshots: readonly unknown[] }>('snapshots');
    expect(listed.snapshots).toHaveLength(2);

    // WHEN
    const said = await project.lockkeeper('restore', first, '--moment', 'before-expand');

    // THEN
    expect(said.exitCode).toBe(0);
    expect(said.out).toContain('app itself was not touched');
    expect(said.out).toMatch(/of writes, and more with every minute/);
    expect(said.out).toContain('in-progress');
    const connection = await connect(await openProject(project.root), {}, silentOutput);
    const arn = /arn:aws:rds:\S+/.exec(said.out)?.[0] ?? '';
    const rows = await connection
      .connectDatabase(arn)
      .query(
        `select count(*) as columns from information_schema.columns where table_name = 'people'`,
      );
    await connection.close();
    expect(rows).toEqual([{ columns: '2' }]);
    expect(await columns()).toEqual(['id', 'name', 'nickname']);
  }, 120_000);
});

describe('a change outside of a migration', () => {
  it('is no drift before there is one', async () => {
    expect(await project.json('drift')).toMatchObject({
      drifted: false,
      expected: { source: { kind: 'migration', migrationId: '0001_add_nickname' } },
      differences: [],
    });
  });

  it('is shown, and keeps the next migration out', async () => {
    // GIVEN
    await project.database.query('create index people_name on people (name)');

    // WHEN
    const said = await project.lockkeeper('drift');

    // THEN
    expect(said.exitCode).toBe(10);
    expect(said.out).toContain('+ index public.people_name');
    const started = await project.lockkeeper('start', '0002');
    expect(started.exitCode).toBe(3);
    expect(started.out).toContain('lockkeeper drift shows what');
  });

  it('is accepted by somebody, for a reason', async () => {
    expect(await project.lockkeeper('drift', '--accept')).toMatchObject({ exitCode: 2 });
    expect(await project.lockkeeper('drift', '--accept', '--reason', 'hotfix 7')).toMatchObject({
      exitCode: 0,
    });
    expect(await project.json('drift')).toMatchObject({
      drifted: false,
      expected: { source: { kind: 'baseline', reason: 'hotfix 7' } },
    });
  });
});

describe('a migration that goes back', () => {
  it('undoes what it did when it is rolled back, and the watch says so', async () => {
    // GIVEN
    const started = await project.lockkeeper('start', '0002', '--wait', '--timeout', '2s');
    expect(started.exitCode).toBe(9);
    expect(started.out).toContain('the time is over; the execution goes on by itself');
    await project.until('0002', 'gate deploy');
    expect(await columns()).toContain('initials');

    // WHEN
    const said = await project.lockkeeper('rollback', '0002', '--reason', 'wrong week');

    // THEN
    expect(said.exitCode).toBe(0);
    const watched = await project.lockkeeper('watch', '0002');
    expect(watched.exitCode).toBe(4);
    expect(watched.out).toContain('wrong week');
    expect(watched.out).toContain('lockkeeper start 0002_add_initials');
    expect(await columns()).toEqual(['id', 'name', 'nickname']);
  });

  it('has ended, so there is nothing to stop any more', async () => {
    for (const argv of [['abort', '--reason', 'x'], ['rollback'], ['pause'], ['resume']]) {
      expect(await project.lockkeeper(...argv)).toMatchObject({ exitCode: 7 });
    }
  });
});

describe('a migration whose machine went away', () => {
  it('goes on where it was', async () => {
    // GIVEN
    await project.lockkeeper('start', '0002');
    await project.until('0002', 'gate deploy');
    const { execution } = await project.json<Status>('status', '0002');
    await project.restart();

    // WHEN
    const stopped = await project.json<Status>('status', '0002');
    const aborted = await project.lockkeeper('abort', '0002', '--reason', 'x');
    const resumed = await project.lockkeeper('resume', '0002');

    // THEN
    const { executionId } = execution;
    expect(stopped.next).toEqual([
      `lockkeeper resume ${executionId}`,
      `lockkeeper rollback ${executionId}`,
    ]);
    expect(aborted).toMatchObject({ exitCode: 7, err: expect.stringContaining('nobody works on') });
    expect(resumed).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('goes on from where it was'),
    });
    await project.lockkeeper('signal', '0002', 'app');
    await project.until('0002', 'gate contract');
  });

  it('is rejected by a person and goes back', async () => {
    // WHEN
    await project.lockkeeper('reject', '0002', 'contract', '--reason', 'not before the holidays');

    // THEN
    const watched = await project.lockkeeper('watch', '0002');
    expect(watched.exitCode).toBe(4);
    expect(watched.out).toContain('not before the holidays');
    expect(await columns()).toEqual(['id', 'name', 'nickname']);
  });
});
