import pg from 'pg';
import { batchesToIsolate } from './batches-to-isolate.ts';
import type { BenchServer } from './bench-server.ts';
import type { PoisonFacts } from './facts.ts';
import { runLockkeeper } from './lockkeeper-way.ts';
import { SHAPES } from './shapes.ts';
import { type WatchedQuery, watchedDatabase } from './watched-database.ts';

const SHAPE = 'bigint';

/** What one row that cannot be moved costs, in the middle of a table whose other rows can. */
export async function measurePoison(server: BenchServer, rows: number): Promise<PoisonFacts> {
  const { url, drop } = await server.fresh(SHAPE);
  const observer = new pg.Client({ connectionString: url });
  await observer.connect();
  try {
    await poison(observer, Math.floor(rows / 2));
    const queries: WatchedQuery[] = [];
    await runLockkeeper({
      url,
      shape: SHAPE,
      hopMs: 0,
      quarantineLimit: 1,
      through: (database) => watchedDatabase(database, (query) => queries.push(query)),
    });
    return { rows, batchesToIsolate: batchesToIsolate(queries), ...(await countRows(observer)) };
  } finally {
    await observer.end();
    await drop();
  }
}

/** Not valid, as the row is right until it is moved. */
async function poison(client: pg.Client, id: number): Promise<void> {
  const { column } = SHAPES[SHAPE].target;
  await client.query(
    `alter table items add constraint poison check (id <> ${id} or ${column} is null) not valid`,
  );
}

/** By the tables themselves, not by what the engine says. */
async function countRows(
  client: pg.Client,
): Promise<Pick<PoisonFacts, 'rowsMoved' | 'rowsSetAside'>> {
  const { column, expression } = SHAPES[SHAPE].target;
  const { rows } = await client.query<{ moved: number; aside: number }>(
    `select (select count(*) from items where ${column} = ${expression})::float8 as moved,
            (select count(*) from lockkeeper.quarantine)::float8 as aside`,
  );
  const { moved = 0, aside = 0 } = rows[0] ?? {};
  return { rowsMoved: moved, rowsSetAside: aside };
}
