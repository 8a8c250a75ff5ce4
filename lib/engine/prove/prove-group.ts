import { type Difference, differencesOf } from '../../core/proof/differences.ts';
import type { Measured } from '../../core/proof/measured.ts';
import { type CatalogView, type ClassifyContext, NOTHING_EARLIER } from '../../core/sql/catalog.ts';
import type { Classification } from '../../core/sql/classification.ts';
import { classify } from '../../core/sql/classify.ts';
import { afterStatement } from '../../core/sql/earlier.ts';
import { namedObjects } from '../../core/sql/named-objects.ts';
import type { SqlParser } from '../../core/sql/parser.ts';
import { type Statement, split } from '../../core/sql/split.ts';
import type { SqlName } from '../../core/sql/sql-name.ts';
import { type Database, DatabaseError } from '../../ports/database.ts';
import { readCatalogView } from '../../postgres/catalog-view.ts';
import { measureAlone, measureTogether } from '../../postgres/proof/measure.ts';
import { serverFacts } from '../../postgres/server-facts.ts';

/** What a classification is proved with. */
export interface ProofContext {
  /** Nobody else uses it; statements are run in it, and stay. */
  readonly database: Database;
  readonly parser: SqlParser;
  /** @default classify - the one that plans are made with */
  readonly classifyAs?: typeof classify;
}

/** What running statements of one transaction showed. */
export type Proof =
  | {
      readonly kind: 'measured';
      readonly classifications: readonly Classification[];
      readonly measured: Measured;
      readonly differences: readonly Difference[];
    }
  /** It ran, and could not be looked at meanwhile. */
  | { readonly kind: 'unmeasured'; readonly why: string }
  /** The server refuses it; nothing of it remains. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * Runs statements that commit together, and compares what they did with what they were announced
 * to do. Nothing counts as made by the same migration: what exists by now is in use.
 */
export async function proveGroup(
  { database, parser, classifyAs = classify }: ProofContext,
  sql: readonly string[],
): Promise<Proof> {
  const statements = sql.flatMap((text) => statementsOf(parser, text));
  const names = namedObjects(statements.map(({ node }) => node));
  const catalog = await readCatalogView(database, names);
  const { majorVersion, timeZoneUtc } = await serverFacts(database);
  let context: ClassifyContext = {
    parser,
    serverVersion: majorVersion,
    timeZoneUtc,
    catalog,
    earlier: NOTHING_EARLIER,
  };
  const classifications = statements.map((statement) => {
    const classification = classifyAs(statement, context);
    context = afterStatement(context, statement, classification);
    return classification;
  });
  try {
    return await run(database, statements, classifications, catalog);
  } catch (error) {
    if (error instanceof DatabaseError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

async function run(
  database: Database,
  statements: readonly Statement[],
  classifications: readonly Classification[],
  catalog: CatalogView,
): Promise<Proof> {
  const texts = statements.map(({ text }) => text);
  const [alone] = texts;
  if (classifications.some((each) => each.transactionControl || each.sessionSetting)) {
    return { kind: 'unmeasured', why: 'it says how others run and does nothing by itself' };
  }
  if (classifications.every(({ transactional }) => transactional)) {
    return compared(classifications, await measureTogether(database, texts), catalog);
  }
  if (alone === undefined || texts.length > 1) {
    return { kind: 'refused', message: 'it cannot commit together with anything' };
  }
  if (!/\bconcurrently\b/i.test(alone)) {
    await database.submit(alone);
    return { kind: 'unmeasured', why: 'it runs outside a transaction and waits for nobody' };
  }
  const tables = tablesOf(classifications, catalog);
  return compared(classifications, await measureAlone(database, alone, tables), catalog);
}

function compared(
  classifications: readonly Classification[],
  measured: Measured,
  catalog: CatalogView,
): Proof {
  const differences = differencesOf(classifications, measured, catalog);
  return { kind: 'measured', classifications, measured, differences };
}

function tablesOf(
  classifications: readonly Classification[],
  catalog: CatalogView,
): readonly SqlName[] {
  const locked = classifications.flatMap(({ locks }) => locks.map(({ relation }) => relation));
  return locked.filter((relation) => {
    const kind = catalog.relation(relation)?.kind;
    return kind === 'table' || kind === 'partitioned-table';
  });
}

function statementsOf(parser: SqlParser, text: string): readonly Statement[] {
  const parts = split(parser, text);
  return parts.kind === 'statements' ? parts.statements : [];
}
