import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { operationNamed } from '../../../lib/core/operations/all-operations.ts';
import type { Lowered, StepDraft } from '../../../lib/core/operations/lowered.ts';
import type { SchemaModel } from '../../../lib/core/operations/schema-model.ts';
import { loadParser, type SqlParser } from '../../../lib/core/sql/parser.ts';
import { pgDatabase } from '../../../lib/local/pg-database.ts';
import type { Database } from '../../../lib/ports/database.ts';
import { fingerprintLines } from '../../../lib/postgres/fingerprint.ts';
import { readSchemaModel } from '../../../lib/postgres/schema-model/read-schema-model.ts';
import { freshDatabase, type TestDatabase } from '../../support/postgres.ts';
import { tableContents } from '../../support/table-contents.ts';
import { EXECUTION_CASES, type Operation } from './execution-cases.ts';
import { contextOf } from './models.ts';

/*
 * Every statement that an operation comes down to is run, and every undo, on PostgreSQL: forward to
 * contract and back, forward again to the end. Afterwards the schema is what plain SQL would have
 * made of it.
 */
let parser: SqlParser;
beforeAll(async () => {
  parser = await loadParser();
});

describe.each(EXECUTION_CASES)('$name', ({ schema = '', operations, plain }) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(schema);
  });
  afterAll(() => scene.close());

  it('goes to contract and back, and to the end', async () => {
    const start = await scene.state();
    const lowered = lowerAll(operations, await readSchemaModel(scene.database));
    await scene.runAll(stepsOf(lowered, ['expand', 'validate', 'contract']));
    await scene.undoAll(stepsOf(lowered, ['expand', 'validate', 'contract']));
    expect(await scene.state()).toEqual(start);

    await scene.runAll(stepsOf(lowered, ['expand', 'validate', 'contract', 'finalize']));
    const end = await fingerprintLines(scene.database);
    const expected = await openScene(schema);
    try {
      for (const sql of [plain].flat()) await expected.pool.query(sql);
      expect(end).toEqual(await fingerprintLines(expected.database));
    } finally {
      await expected.close();
    }
  });
});

/** As lower-operations.ts puts them together, without the columns that are kept in step. */
function lowerAll(operations: readonly Operation[], before: SchemaModel): readonly Lowered[] {
  let model = before;
  return operations.map((operation) => {
    const [[name, declared] = ['', {}]] = Object.entries(operation);
    const kind = operationNamed(name);
    const outcome = kind.lower(kind.format.parse(declared), contextOf(parser, model, { before }));
    if (outcome.kind === 'refused') throw new Error(`${name} refused: ${outcome.why}`);
    expect(outcome.lowered.sync ?? []).toEqual([]);
    model = outcome.lowered.after;
    return outcome.lowered;
  });
}

type Phase = 'expand' | 'validate' | 'contract' | 'finalize';
type Step = NonNullable<Lowered['validate']>[number];

function stepsOf(lowered: readonly Lowered[], phases: readonly Phase[]): readonly Step[] {
  return phases.flatMap((phase) => lowered.flatMap((each): readonly Step[] => each[phase] ?? []));
}

interface Scene {
  readonly pool: pg.Pool;
  readonly database: Database;
  state(): Promise<unknown>;
  runAll(steps: readonly Step[]): Promise<void>;
  undoAll(steps: readonly Step[]): Promise<void>;
  close(): Promise<void>;
}

async function openScene(schema: string): Promise<Scene> {
  const test: TestDatabase = await freshDatabase();
  const pool = test.pool();
  const database = pgDatabase({ url: test.url, connections: 1 });
  if (schema !== '') await pool.query(schema);
  return {
    pool,
    database,
    state: async () => ({
      schema: await fingerprintLines(database),
      contents: await tableContents(pool),
    }),
    runAll: async (steps) => {
      for (const step of steps) {
        if (step.kind === 'check') await verify(database, step);
        else await together(database, [step.sql, ...(step.together ?? [])]);
      }
    },
    undoAll: async (steps) => {
      for (const step of steps.toReversed()) {
        const statements = step.kind === 'check' ? [] : undoOf(step);
        if (statements.length > 0) await together(database, statements);
      }
    },
    close: async () => {
      await database.close();
      await test.drop();
    },
  };
}

function undoOf({ undo, sql }: StepDraft): readonly string[] {
  if (undo.kind === 'irreversible') throw new Error(`no way back: ${sql}`);
  return undo.kind === 'nothing' ? [] : [undo.sql, ...(undo.together ?? [])];
}

/** One statement by itself, so that it may run outside a transaction; several in one. */
async function together(database: Database, statements: readonly string[]): Promise<void> {
  const [first = '', ...others] = statements;
  if (others.length === 0) {
    await database.execute(first);
    return;
  }
  await database.transaction(async (tx) => {
    for (const sql of statements) await tx.execute(sql);
  });
}

async function verify(
  database: Database,
  { query, expect: wanted }: Extract<Step, { kind: 'check' }>,
): Promise<void> {
  const rows = await database.query(query);
  expect(rows.map((row) => Object.values(row))).toEqual(
    wanted.kind === 'no-rows' ? [] : [[wanted.value]],
  );
}
