import type { LintFinding, LintProof } from '../../core/lint/lint-report.ts';
import { loadParser } from '../../core/sql/parser.ts';
import { pgDatabase } from '../../local/pg-database.ts';
import { openScratchServer } from '../../local/postgres/scratch-server.ts';
import { findLintInputs, type LintInput } from './find-lint-inputs.ts';
import { loadSchema } from './load-schema.ts';
import { proveInputs } from './prove-inputs.ts';

/** The statement, a writer that it waits for, a look at both, and one to spare. */
const CONNECTIONS = 4;

/**
 * Proves what was linted on a server that is made for it and gone afterwards.
 * @param schema SQL files or directories with what exists before, relative to `directory`
 * @throws LockkeeperError InvalidConfiguration when the schema cannot be loaded
 */
export async function proveOnScratch(
  directory: string,
  schema: readonly string[],
  inputs: readonly LintInput[],
): Promise<{ readonly findings: readonly LintFinding[]; readonly proof: LintProof }> {
  const files = await findLintInputs(directory, schema);
  const parser = await loadParser();
  const server = await openScratchServer();
  try {
    const url = server.url();
    await loadSchema(
      url,
      files.flatMap((each) => (each.kind === 'file' ? [each] : [])),
      parser,
    );
    const database = pgDatabase({ url, connections: CONNECTIONS });
    try {
      const [row] = await database.query(`select current_setting('server_version') as version`);
      const { findings, proof } = await proveInputs({ database, parser }, inputs);
      return { findings, proof: { server: String(row?.['version']), ...proof } };
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
}
