import {
  DisableHttpEndpointCommand,
  EnableHttpEndpointCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { abort } from '../../lib/cli/commands/abort.ts';
import { startExecution } from '../../lib/engine/start-execution.ts';
import { type EmbeddedScene, embeddedScene, type Picture } from '../support/embedded-scene.ts';
import { addNickname } from './support/add-nickname.ts';

let scene: EmbeddedScene;
let before: Picture;
beforeAll(async () => {
  scene = await embeddedScene();
}, 180_000);
afterAll(() => scene?.close());
beforeEach(async () => {
  await scene.reset();
  before = await scene.picture();
});

/** What every refusal has in common: nothing was changed, nothing is held. */
const refused = (reason: string, ledger?: 'applied') => ({
  status: 'rejected',
  reason: expect.stringContaining(reason),
  ledger,
  lease: undefined,
});

describe('a target that cannot be used', () => {
  it('is refused when its Data API is off, with what turns it on', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname());
    const { clusterArn, endpoints, region } = scene.aws.description;
    const credentials = { accessKeyId: 'admin', secretAccessKey: 'embedded' };
    const rds = new RDSClient({ endpoint: endpoints.rds, region, credentials });
    await rds.send(new DisableHttpEndpointCommand({ ResourceArn: clusterArn }));

    // WHEN
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(refused('aws rds enable-http-endpoint'));
    await rds.send(new EnableHttpEndpointCommand({ ResourceArn: clusterArn }));
    rds.destroy();
    expect(await scene.picture()).toEqual(before);
  });

  it('is refused when the secret holds a password of yesterday', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname());
    const { secretArn, databaseUrl } = scene.aws.description;
    const { username, password } = new URL(databaseUrl);
    await scene.aws.rds.putSecret(secretArn, { username, password: 'yesterday' });

    // WHEN
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(refused('password authentication failed'));
    await scene.aws.rds.putSecret(secretArn, { username, password });
    expect(await scene.picture()).toEqual(before);
  });
});

describe('a source that is not a migration', () => {
  it.each([
    {
      mistake: 'a key that nobody knows',
      change: (yaml: string) => yaml.replace('title:', 'titel:'),
      said: /migration\.yaml:2/,
    },
    {
      mistake: 'SQL that does not parse',
      change: (yaml: string) => yaml.replace('add column nickname', 'add colum nickname'),
      said: /migration\.yaml:5/,
    },
  ])('is refused with the place of $mistake', async ({ change, said }) => {
    // GIVEN a client that hands over what it did not check
    await scene.write('0001_add_nickname', addNickname());
    const { migration, source } = await scene.read('0001_add_nickname');
    const files = { 'migration.yaml': change(source.files['migration.yaml'] ?? '') };

    // WHEN
    const alice = await scene.as('alice');
    const { executionId } = await startExecution(alice, migration, { ...source, files });
    await scene.toEnd(executionId);

    // THEN
    expect(await scene.aftermath(executionId)).toEqual({
      ...refused(''),
      reason: expect.stringMatching(said),
    });
    expect(await scene.picture()).toEqual(before);
  });
});

describe('a target that another execution works on', () => {
  it('runs one of two that start at once and names it to the other', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname({ gates: { deploy: '{kind: signal}' } }));

    // WHEN
    const both = await Promise.all(
      ['alice', 'bob'].map((by) => scene.start('0001_add_nickname', by)),
    );
    const ends = await Promise.all(
      both.map((id) =>
        scene
          .until(id, ({ gates }) => gates.length > 0)
          .then(
            () => 'runs' as const,
            () => 'refused' as const,
          ),
      ),
    );

    // THEN
    expect(ends.toSorted()).toEqual(['refused', 'runs']);
    const [runs, other] = ends[0] === 'runs' ? both : both.toReversed();
    if (runs === undefined || other === undefined) throw new TypeError('there are two of them');
    const holder = { status: 'running', reason: undefined, ledger: 'in-progress', lease: runs };
    expect(await scene.aftermath(runs)).toEqual(holder);
    expect(await scene.aftermath(other)).toEqual({
      ...refused(`is in the hands of execution ${runs}`),
      lease: runs,
    });
    await abort(await scene.as('alice'), { execution: runs, reason: 'enough seen' });
    await scene.toEnd(runs);
    expect(await scene.picture()).toEqual(before);
  });
});

describe('a project that disagrees with the ledger', () => {
  it('is refused when a migration was edited after it was applied', async () => {
    // GIVEN
    await scene.write('0001_add_nickname', addNickname());
    await scene.toEnd(await scene.start('0001_add_nickname'));
    const applied = await scene.picture();
    await scene.write('0001_add_nickname', addNickname().replace('title: Add', 'title: Adds'));
    await scene.write('0002_add_initials', addNickname({ column: 'initials' }));

    // WHEN
    const next = await scene.start('0002_add_initials');
    const again = await scene.start('0001_add_nickname');
    await Promise.all([scene.toEnd(next), scene.toEnd(again)]);

    // THEN
    const edited = refused('0001_add_nickname was edited after it was applied');
    const reasons = await Promise.all([next, again].map((id) => scene.aftermath(id)));
    // The later one may find the lease taken for the moment that the earlier one needs.
    expect(reasons.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(reasons).toContainEqual(edited);
    expect(await scene.picture()).toEqual(applied);
  });

  it('is refused when a new migration sorts before an applied one', async () => {
    // GIVEN
    await scene.write('0002_add_initials', addNickname({ column: 'initials' }));
    await scene.toEnd(await scene.start('0002_add_initials'));
    const applied = await scene.picture();
    await scene.write('0001_add_nickname', addNickname());

    // WHEN
    const id = await scene.start('0001_add_nickname');
    await scene.toEnd(id);

    // THEN
    expect(await scene.aftermath(id)).toEqual(
      refused('0001_add_nickname is new, but sorts before 0002_add_initials'),
    );
    expect(await scene.picture()).toEqual(applied);
  });
});
