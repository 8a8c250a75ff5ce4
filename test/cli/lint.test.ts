import './support/no-color.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LintReport } from '../../lib/core/lint/lint-report.ts';
import { jsonOf, run } from './support/recording-terminal.ts';

const EXAMPLE_SCHEMA = ['tables', 'constraints'].map((name) =>
  fileURLToPath(new URL(`../../examples/saas/schema/${name}.sql`, import.meta.url)),
);
const EXAMPLES = fileURLToPath(new URL('../../examples/saas/migrations', import.meta.url));

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lockkeeper-lint-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function report(...argv: readonly string[]): Promise<LintReport> {
  return jsonOf<LintReport>(await run(root, ['lint', '--json', ...argv]));
}

const seen = ({ findings }: LintReport) =>
  findings.map(({ file, line, severity, rule }) => `${file}:${line} ${severity} ${rule}`);
const errors = (of: LintReport) => seen(of).filter((text) => text.includes(' error '));

/** A migration with one statement in one phase. */
const migration = (phase: 'expand' | 'finalize', sql: string) =>
  `version: 1\ntitle: One\n${phase}:\n  - id: a_step\n    sql: ${sql}\n    ${phase === 'finalize' ? 'irreversible: gone' : 'undo: select 1'}\n`;

describe('lockkeeper lint', () => {
  it('shows the statement, the finding and what to write instead', async () => {
    // GIVEN
    await write({ 'V1__orders.sql': '-- why\n\ncreate index orders_code on orders (code);\n' });

    // WHEN
    const said = await run(root, ['lint', '.']);

    // THEN
    expect(said.exitCode).toBe(11);
    expect(said.out).toContain(`V1__orders.sql:3:1 error index-not-concurrent: `);
    expect(said.out).toContain('  3 | create index orders_code on orders (code)\n    | ^');
    expect(said.out).toContain('create index concurrently orders_code on orders (code);');
    expect(said.out).toContain('1 of 1 statement understood');
  });

  it('knows the phase: a column may be dropped in finalize and not in expand', async () => {
    // GIVEN
    const sql = 'alter table orders drop column code';
    await write({
      'm/0001_early/migration.yaml': migration('expand', sql),
      'm/0002_late/migration.yaml': migration('finalize', sql),
    });

    // THEN
    expect(errors(await report('m'))).toEqual(['m/0001_early/migration.yaml:5 error drop-column']);
  });

  it('takes the migrations of the project when nothing is named', async () => {
    await write({
      'lockkeeper.yaml': 'version: 1\nenvironments: {embedded: {target: {kind: embedded}}}\n',
      'migrations/0001_early/migration.yaml': migration('expand', 'truncate orders'),
    });
    expect(errors(await report())).toContain(
      'migrations/0001_early/migration.yaml:5 error truncate',
    );
  });

  it('finds no error in the examples, and understands every statement', async () => {
    const examples = await report(EXAMPLES);
    expect(errors(examples)).toEqual([]);
    expect(examples.statements).toBeGreaterThan(50);
    expect(examples.understood).toBe(examples.statements);
  });

  it('counts what it did not understand, and says why nothing is known of it', async () => {
    await write({ 'a.sql': 'do $$ begin end $$;', 'b.sql': 'select 1;\ncreate indx;' });
    const found = await report('a.sql', 'b.sql');
    expect([found.statements, found.understood]).toEqual([2, 0]);
    expect(seen(found)).toContain('a.sql:1 warning not-understood');
    expect(seen(found)).toContain('b.sql:2 error sql-syntax');
  });

  it('judges the SQL of operations, and says which operations need a schema', async () => {
    // GIVEN
    await write({
      '0001_x/migration.yaml': `version: 1
title: X
operations:
  - create_table: { name: notes, columns: [{ name: id, type: bigint, pk: true }] }
  - sql: { up: create index notes_id on notes (id), down: drop index notes_id }
  - sql: { up: create index orders_code on orders (code), down: drop index orders_code }
  - rename_column: { table: orders, from: code, to: name }
`,
    });

    // WHEN
    const found = await report('.');

    // THEN what stands on a new table is silent
    expect(errors(found)).toEqual(['0001_x/migration.yaml:6 error index-not-concurrent']);
    expect(found.findings.find(({ rule }) => rule === 'needs-schema')).toMatchObject({
      line: 7,
      severity: 'info',
      message: 'not judged without a schema: rename_column',
    });
  });

  it('says early that what a backfill sets is compared, where nothing keeps it in step', async () => {
    // GIVEN one that says nothing, one that says what it wants, one with a trigger, one that keeps the old column
    const filled = (parity: string, expand = '', contract = true) => `version: 1
title: X
expand:
  - { id: add, sql: alter table orders add column cents bigint, undo: alter table orders drop column cents }
${expand}
backfill:
  - id: fill
    table: orders
    set: { cents: round(amount * 100) }
    where: cents is null
${parity}
${contract ? 'contract:\n  - { id: hide, sql: alter table orders rename amount to amount_old, undo: alter table orders rename amount_old to amount }' : ''}
`;
    const trigger =
      '  - { id: sync, sql: create trigger t before insert on orders for each row execute function f(), undo: drop trigger t on orders }';
    await write({
      '0001_x/migration.yaml': filled(''),
      '0002_x/migration.yaml': filled('    parity: { on_mismatch: stop }'),
      '0003_x/migration.yaml': filled('', trigger),
      '0004_x/migration.yaml': filled('', '', false),
    });

    // WHEN
    const found = await report('.');

    // THEN it is explained where it would be learned days later, and nowhere else
    const said = found.findings.filter(({ rule }) => rule === 'set-is-compared');
    expect(said).toMatchObject([
      { file: '0001_x/migration.yaml', line: 7, severity: 'info', link: 'docs/formats.md#parity' },
    ]);
    expect(said[0]?.message).toMatch(/^before contract, cents must have what set of fill gives/);
    const examples = await report(EXAMPLES);
    expect(examples.findings.filter(({ rule }) => rule === 'set-is-compared')).toEqual([]);
  });

  it('reports a migration that cannot be read', async () => {
    await write({ '0001_x/migration.yaml': 'version: 1\ntitle: X\nexpand: [{id: a}]\n' });
    expect(errors(await report('.'))).toContain('0001_x/migration.yaml:3 error missing-key');
  });

  it('keeps what the author accepted, with the reason', async () => {
    // GIVEN
    await write({
      'a.sql':
        '-- lockkeeper:allow index-not-concurrent: the table is empty\ncreate index i on orders (code);',
    });

    // WHEN
    const said = await run(root, ['lint', 'a.sql']);

    // THEN
    expect(said.exitCode).toBe(0);
    expect(said.out).toContain('1 accepted');
    expect((await report('a.sql')).suppressed).toMatchObject([
      { rule: 'index-not-concurrent', reason: 'the table is empty' },
    ]);
  });

  it('fails on a warning when it is asked to', async () => {
    await write({ 'a.sql': 'drop index concurrently i;\ncreate index concurrently j on t (a);' });
    await write({ 'b.sql': 'alter table t alter c drop not null;' });
    expect((await run(root, ['lint', 'b.sql'])).exitCode).toBe(0);
    expect((await run(root, ['lint', 'b.sql', '--fail-on', 'warning'])).exitCode).toBe(11);
  });

  it('proves the examples: no difference, and every way back leads to where it began', async () => {
    const proved = await report(
      '--prove',
      ...EXAMPLE_SCHEMA.flatMap((path) => ['--schema', path]),
      EXAMPLES,
    );
    expect(errors(proved)).toEqual([]);
    expect(proved.proof).toMatchObject({ differences: 0, unmeasured: 0, skipped: 0 });
    expect(proved.proof?.measured).toBeGreaterThan(2 * proved.statements);
  });

  it('proves operations, which become statements on the schema, and files in the order of their numbers', async () => {
    // GIVEN a dump of psql's with a role, two files of another tool, and a migration of operations
    await write({
      'schema.sql':
        '\\restrict abc\ncreate table orders (id bigint primary key, code text);\nalter table orders owner to shop;\n',
      'm/V9__total.sql': 'alter table orders add column total int;\n',
      'm/V10__drop.sql':
        'alter table orders drop column total;\nalter table orders drop column total;\n',
      'n/0001_mail/migration.yaml':
        'version: 1\ntitle: One\noperations:\n  - rename_column: { table: orders, from: code, to: name }\n',
    });

    // WHEN
    const proved = await report('--prove', '--schema', 'schema.sql', 'm', 'n');

    // THEN
    expect(errors(proved).filter((text) => text.includes('proof'))).toEqual([
      'm/V10__drop.sql:2 error proof-refused',
    ]);
    expect(proved.proof?.measured).toBeGreaterThan(6);
  });

  it('names file and line of a schema that cannot be loaded', async () => {
    await write({ 'schema.sql': 'select 1;\n\ncreate extension postgis;\n', 'a.sql': 'select 1' });
    const said = await run(root, ['lint', '--prove', '--schema', 'schema.sql', 'a.sql']);
    expect(said.err).toMatch(/schema\.sql:3:1: .*postgis/);
    expect((await run(root, ['lint', '--schema', 'schema.sql', 'a.sql'])).err).toContain('--prove');
  });

  it('says no to a path that is not there and to a version that nobody measured', async () => {
    expect((await run(root, ['lint', 'nowhere'])).exitCode).toBe(2);
    expect((await run(root, ['lint', '.', '--server-version', '9'])).exitCode).toBe(2);
  });
});

describe('lint of what other tools wrote', () => {
  const CONCURRENTLY = 'create index concurrently i on t (a);';

  it('knows who runs a file in a transaction', async () => {
    await write({
      'flyway/V1__i.sql': CONCURRENTLY,
      'prisma/20250101120000_i/migration.sql': CONCURRENTLY,
      'dbmate/1_i.sql': `-- migrate:up transaction:false\n${CONCURRENTLY}`,
      'liquibase/i.sql': `--liquibase formatted sql\n--changeset me:1 runInTransaction:false\n${CONCURRENTLY}`,
    });
    const files = (await report('.')).findings
      .filter(({ rule }) => rule === 'concurrently-in-transaction')
      .map(({ file }) => file);
    expect(files).toEqual(['flyway/V1__i.sql']);
  });

  it('leaves out what takes a migration back', async () => {
    await write({
      '1.up.sql': 'select 1;',
      '1.down.sql': 'drop table t;',
      'U1__x.sql': 'drop table t;',
      'dbmate.sql': '-- migrate:up\nselect 1;\n-- migrate:down\ndrop table t;',
      'goose.sql': '-- +goose Up\nselect 1;\n-- +goose Down\ndrop table t;',
    });
    const found = await report('.');
    expect(errors(found)).toEqual([]);
    expect(found.files).toBe(3);
    expect(errors(await report('1.down.sql'))).not.toEqual([]);
  });

  it('reads a dump with commands of psql', async () => {
    await write({
      'structure.sql': '\\restrict abc\n\ncreate table t (id bigint);\n\\unrestrict abc\n',
    });
    const found = await report('structure.sql');
    expect([found.statements, found.understood]).toEqual([1, 1]);
  });
});

describe('formats of lint', () => {
  beforeEach(() => write({ 'dir/a,b.sql': 'create index i on "50%" (a);' }));

  it('writes SARIF 2.1.0', async () => {
    const { out } = await run(root, ['lint', 'dir', '--format', 'sarif']);
    const sarif = JSON.parse(out);
    expect(sarif.version).toBe('2.1.0');
    const [{ tool, results }] = sarif.runs;
    const [result] = results;
    expect(result).toMatchObject({
      ruleId: 'index-not-concurrent',
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'dir/a,b.sql' },
            region: { startLine: 1, startColumn: 1 },
          },
        },
      ],
    });
    expect(tool.driver.rules[result.ruleIndex].id).toBe('index-not-concurrent');
  });

  it('annotates for GitHub, with what would end a command escaped', async () => {
    const { out } = await run(root, ['lint', 'dir', '--format', 'github']);
    expect(out).toContain(
      '::error file=dir/a%2Cb.sql,line=1,col=1,title=index-not-concurrent::CREATE INDEX stops all writes to "50%25"',
    );
  });

  it('sums up in Markdown', async () => {
    const { out } = await run(root, ['lint', 'dir', '--format', 'markdown']);
    expect(out).toContain('| error | `dir/a,b.sql:1` | `index-not-concurrent` |');
    expect(out).toContain('```sql\ncreate index concurrently i on "50%" (a);\n```');
  });

  it('has one JSON, whichever way it is asked for', async () => {
    const { out } = await run(root, ['lint', 'dir', '--format', 'json']);
    expect(JSON.parse(out)).toEqual(await report('dir'));
  });
});
