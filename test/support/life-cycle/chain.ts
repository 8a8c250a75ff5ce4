import pg from 'pg';
import type { ImportedMigration } from '../../../lib/core/import/import-pgroll.ts';
import { derivedName } from '../../../lib/core/operations/names.ts';
import { type ExampleMigration, inlineMigration } from '../engine-scene.ts';
import { memoryControlStore } from '../memory-control-store.ts';
import { freshDatabase } from '../postgres.ts';
import { anyTraffic, passingTraffic } from './any-traffic.ts';
import { runLifeCycle } from './life-cycle.ts';
import { placeAt } from './place.ts';

/** Migrations one after the other on one database, each through its whole life. */
export interface Chain {
  /** @returns why it failed; undefined when it passed */
  run(migration: ImportedMigration): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What a migration must not leave behind. */
const LEFT_OVER = `
with named(what, name, schema) as (
  select 'column', a.attname, c.relnamespace from pg_attribute a join pg_class c on c.oid = a.attrelid
  where not a.attisdropped and c.relkind in ('r', 'p')
  union all select 'relation', relname, relnamespace from pg_class
  union all select 'constraint', conname, connamespace from pg_constraint
  union all select 'trigger', tgname, c.relnamespace from pg_trigger t join pg_class c on c.oid = t.tgrelid
  union all select 'function', proname, pronamespace from pg_proc
)
select string_agg(format('%s %s', what, name), ', ') as left_over from named
where name ~ '(^|_)lk_' and schema = 'public'::regnamespace`;

export async function chainOf(): Promise<Chain> {
  const control = memoryControlStore();
  const database = await freshDatabase();
  const applied: ExampleMigration[] = [];
  let firstRound = 1_000;
  return {
    async run({ migrationId, files }) {
      const alone = await readOne(migrationId, Object.fromEntries(files));
      if (typeof alone === 'string') return alone;
      const known = [...applied, alone].flatMap(({ source }) => source.known.slice(-1));
      const migration = { ...alone, source: { ...alone.source, known } };
      const copy = await copyOf(database.name);
      const [target, reference] = [placeAt(database.url), placeAt(copy.url)];
      const { pool } = target;
      const versionSchema = derivedName('public', migrationId);
      try {
        const report = await runLifeCycle({
          control,
          migration,
          target,
          reference,
          traffic: await anyTraffic(pool),
          newFrom: 'expand',
          versionSchema,
          firstRound,
          discover: () => passingTraffic(pool, versionSchema),
          picture: { without: versions(applied) },
        });
        firstRound = report.lastRound;
        if (report.applied) applied.push(migration);
        const problem = report.problems[0];
        if (problem !== undefined) return problem;
        const { rows } = await pool.query<{ left_over: string | null }>(LEFT_OVER);
        const leftOver = rows[0]?.left_over ?? undefined;
        if (leftOver !== undefined) return `it left behind: ${leftOver}`;
        const [lock] = report.unannounced;
        return lock && `${lock.mode} on ${lock.table} in step ${lock.stepId} was not announced`;
      } finally {
        await Promise.all([target.close(), reference.close()]);
        await copy.drop();
      }
    },
    async close() {
      await database.drop();
    },
  };

  async function copyOf(name: string) {
    // A template must have no other connections.
    const client = new pg.Client(database.url.replace(/\/[^/]*$/, '/postgres'));
    await client.connect();
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [name],
    );
    await client.end();
    return freshDatabase({ template: name });
  }
}

/** The schemas of views of versions that were applied: each goes in its turn. */
function versions(applied: readonly ExampleMigration[]): readonly string[] {
  return applied.map(({ migration }) => derivedName('public', migration.migrationId));
}

async function readOne(
  id: string,
  files: Readonly<Record<string, string>>,
): Promise<ExampleMigration | string> {
  try {
    return await inlineMigration(id, files);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
