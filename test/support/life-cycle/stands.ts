import { freshDatabase, type TestDatabase } from '../postgres.ts';
import { type Place, placeAt } from './place.ts';

/** Two databases with the same schema and rows. */
export interface Stand {
  readonly target: Place;
  readonly reference: Place;
}

/** Stands that are used again: making two databases takes as long as the half of a life cycle. */
export interface Stands {
  /**
   * Work on a stand of its own, which starts with what `schema` makes and nothing else.
   * @param isFine whether the stand can be used again after it
   */
  use<T>(
    schema: string,
    work: (stand: Stand) => Promise<T>,
    isFine: (result: T) => boolean,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Dead rows in the catalogs make each look at them slower, so a stand is replaced after so many. */
const MOST_USES = 50;

/** Everything but the ledger's tables, which are emptied: making them takes as long as a phase. */
const CLEAR = `
do $clear$
declare
  found text;
begin
  for found in
    select quote_ident(nspname) from pg_namespace
    where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'lockkeeper')
  loop
    execute 'drop schema ' || found || ' cascade';
  end loop;
  create schema public authorization pg_database_owner;
  grant usage on schema public to public;
  set local session_replication_role = replica;
  for found in
    select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'lockkeeper'
  loop
    execute 'delete from ' || found;
  end loop;
end
$clear$`;

export function standsForCases(): Stands {
  const idle: ReusedStand[] = [];
  return {
    async use(schema, work, isFine) {
      const stand = idle.pop() ?? (await ReusedStand.make());
      try {
        await stand.begin(schema);
        const result = await work(stand);
        if (isFine(result) && !stand.isWornOut()) idle.push(stand);
        else await stand.drop();
        return result;
      } catch (error) {
        await stand.drop();
        throw error;
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map((stand) => stand.drop()));
    },
  };
}

class ReusedStand implements Stand {
  readonly target: Place;
  readonly reference: Place;
  readonly #databases: readonly TestDatabase[];
  #uses = 0;

  private constructor(target: TestDatabase, reference: TestDatabase) {
    this.target = placeAt(target.url);
    this.reference = placeAt(reference.url);
    this.#databases = [target, reference];
  }

  static async make(): Promise<ReusedStand> {
    return new ReusedStand(await freshDatabase(), await freshDatabase());
  }

  async begin(schema: string): Promise<void> {
    const clear = this.#uses > 0;
    this.#uses += 1;
    await Promise.all(
      [this.target, this.reference].map(async ({ pool }) => {
        if (clear) await pool.query(CLEAR);
        await pool.query(schema);
      }),
    );
  }

  isWornOut(): boolean {
    return this.#uses >= MOST_USES;
  }

  async drop(): Promise<void> {
    await Promise.all([this.target.close(), this.reference.close()]);
    await Promise.all(this.#databases.map((database) => database.drop()));
  }
}
