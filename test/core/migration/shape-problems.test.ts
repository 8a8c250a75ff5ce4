import { describe, expect, it } from '@jest/globals';
import type { MigrationId } from '../../../lib/core/ids.ts';
import { parseMigration } from '../../../lib/core/migration/parse-migration.ts';
import { renderProblems } from '../../../lib/core/migration/render-problems.ts';
import { migrationWith, problemsOf, sqlParser } from './migration-text.ts';

const problems = (lines: string) => problemsOf(migrationWith(lines));

describe('YAML', () => {
  it('fails when it does not parse', () => {
    expect(problems("expand: [{id: a, sql: 'x}]")).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:1 yaml-syntax: missing closing 'quote
    2 | title: Add billing
    3 | expand: [{id: a, sql: 'x}]
  > 4 |
      | ^

migrations/0002_add_billing/migration.yaml:4:1 yaml-syntax: flow map in block collection must be sufficiently indented and end with a }
    2 | title: Add billing
    3 | expand: [{id: a, sql: 'x}]
  > 4 |
      | ^

migrations/0002_add_billing/migration.yaml:4:1 yaml-syntax: flow sequence in block collection must be sufficiently indented and end with a ]
    2 | title: Add billing
    3 | expand: [{id: a, sql: 'x}]
  > 4 |
      | ^
"
`);
  });

  it('fails when a key is there twice, an alias is used or a tag is unknown', () => {
    expect(
      problems(`windows: &quiet {}
title: Again
gates: *quiet
description: !important x`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:4:1 duplicate-key: the key title appears twice in the same mapping
    2 | title: Add billing
    3 | windows: &quiet {}
  > 4 | title: Again
      | ^
    5 | gates: *quiet
  expected: each key once
  fix: join the two values under one key

migrations/0002_add_billing/migration.yaml:5:8 yaml-alias: the alias *quiet is not supported
    3 | windows: &quiet {}
    4 | title: Again
  > 5 | gates: *quiet
      |        ^
    6 | description: !important x
  fix: write the value again where it is used

migrations/0002_add_billing/migration.yaml:6:14 yaml-syntax: unresolved tag: !important
    4 | title: Again
    5 | gates: *quiet
  > 6 | description: !important x
      |              ^
    7 |
"
`);
  });

  it('fails when the file is empty or not a mapping', () => {
    expect(problemsOf('')).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:1 wrong-type: the file is empty
  > 1 |
      | ^
  expected: a migration with version, title and phases
"
`);
    expect(problemsOf('- version: 1')).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:1 wrong-type: the file is a list
  > 1 | - version: 1
      | ^
  expected: a migration with version, title and phases
"
`);
  });

  it('fails when there is no file', () => {
    // GIVEN a folder in which the file has another ending
    const files = new Map([['migration.yml', 'version: 1']]);
    // WHEN
    const parsed = parseMigration({ migrationId: '0001_a' as MigrationId, files }, sqlParser);
    // THEN
    expect(parsed.kind === 'invalid' && renderProblems(parsed.problems)).toMatchInlineSnapshot(`
"migrations/0001_a/migration.yaml:1:1 missing-file: there is no migration.yaml in the folder
  expected: a folder with a migration.yaml"
`);
  });

  it('fails when a .sql file is used by no step', () => {
    expect(
      problemsOf(migrationWith('expand: [{id: a, sql: analyze a}]'), { 'old/b.sql': 'nonsense' }),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:1 unused-file: no step uses old/b.sql
  > 1 | version: 1
      | ^
    2 | title: Add billing
  expected: every .sql file of the folder to be named by a step
  fix: file: old/b.sql
"
`);
  });
});

describe('keys', () => {
  it('fails when one is unknown, and names the one that is meant', () => {
    expect(
      problems(`expnad: []
expand: [{id: a, sql: analyze a, udno: x}]
snapshot: none
colour: red`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:3:1 unknown-key: unknown key expnad
    1 | version: 1
    2 | title: Add billing
  > 3 | expnad: []
      | ^
    4 | expand: [{id: a, sql: analyze a, udno: x}]
  expected: one of version, title, description, assertions, operations, versioned_schema, expand, backfill, batch, validate, contract, finalize, gates, snapshots, windows
  fix: write expand

migrations/0002_add_billing/migration.yaml:4:34 unknown-key: unknown key udno in expand[0]
    2 | title: Add billing
    3 | expnad: []
  > 4 | expand: [{id: a, sql: analyze a, udno: x}]
      |                                  ^
    5 | snapshot: none
  expected: one of id, sql, file, undo, undo_file, irreversible
  fix: write undo

migrations/0002_add_billing/migration.yaml:5:1 unknown-key: unknown key snapshot
    3 | expnad: []
    4 | expand: [{id: a, sql: analyze a, udno: x}]
  > 5 | snapshot: none
      | ^
    6 | colour: red
  expected: one of version, title, description, assertions, operations, versioned_schema, expand, backfill, batch, validate, contract, finalize, gates, snapshots, windows
  fix: write snapshots

migrations/0002_add_billing/migration.yaml:6:1 unknown-key: unknown key colour
    4 | expand: [{id: a, sql: analyze a, udno: x}]
    5 | snapshot: none
  > 6 | colour: red
      | ^
    7 |
  expected: one of version, title, description, assertions, operations, versioned_schema, expand, backfill, batch, validate, contract, finalize, gates, snapshots, windows
"
`);
  });

  it('fails when one is missing', () => {
    expect(
      problemsOf(`expand:
  - {sql: analyze a}
assertions:
  - {id: b, query: select 1}
validate:
  - {id: c, expect: 1}
gates: {soak: {kind: timer}, deploy: {}}
`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:1 missing-key: version is missing
  > 1 | expand:
      | ^
    2 |   - {sql: analyze a}
  expected: 1

migrations/0002_add_billing/migration.yaml:1:1 missing-key: title is missing
  > 1 | expand:
      | ^
    2 |   - {sql: analyze a}
  expected: a short text for people

migrations/0002_add_billing/migration.yaml:2:5 missing-key: id is missing in expand[0]
    1 | expand:
  > 2 |   - {sql: analyze a}
      |     ^
    3 | assertions:
  expected: a name in snake_case that starts with a letter, at most 63 characters, such as add_total_cents

migrations/0002_add_billing/migration.yaml:4:5 missing-key: expect is missing in assertions[0]
    2 |   - {sql: analyze a}
    3 | assertions:
  > 4 |   - {id: b, query: select 1}
      |     ^
    5 | validate:
  expected: the one value the query should return, or the words: no rows

migrations/0002_add_billing/migration.yaml:6:5 missing-key: query is missing in validate[0]
    4 |   - {id: b, query: select 1}
    5 | validate:
  > 6 |   - {id: c, expect: 1}
      |     ^
    7 | gates: {soak: {kind: timer}, deploy: {}}
  expected: one SELECT

migrations/0002_add_billing/migration.yaml:7:15 missing-key: duration is missing in gates.soak
    5 | validate:
    6 |   - {id: c, expect: 1}
  > 7 | gates: {soak: {kind: timer}, deploy: {}}
      |               ^
    8 |
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h

migrations/0002_add_billing/migration.yaml:7:38 missing-key: kind is missing in gates.deploy
    5 | validate:
    6 |   - {id: c, expect: 1}
  > 7 | gates: {soak: {kind: timer}, deploy: {}}
      |                                      ^
    8 |
  expected: none, or a mapping with kind: signal, approval or timer
"
`);
  });

  it('fails when an operation lacks a key', () => {
    expect(problems('operations: [{create_table: {name: a}}]')).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:3:29 missing-key: columns is missing in operations[0].create_table
    1 | version: 1
    2 | title: Add billing
  > 3 | operations: [{create_table: {name: a}}]
      |                             ^
    4 |
  expected: a list of columns
"
`);
  });
});

describe('values', () => {
  it('fails when they have the wrong type or form', () => {
    expect(
      problemsOf(`version: 2
title: ' '
expand: {id: a}
validate: [text]
finalize: [{id: Add-Column, sql: 1, irreversible: true}]
snapshots: requird
`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:10 wrong-value: version is 2, a number
  > 1 | version: 2
      |          ^
    2 | title: ' '
  expected: 1

migrations/0002_add_billing/migration.yaml:2:8 wrong-value: title is " "
    1 | version: 2
  > 2 | title: ' '
      |        ^
    3 | expand: {id: a}
  expected: a short text for people

migrations/0002_add_billing/migration.yaml:3:9 wrong-type: expand is a mapping
    1 | version: 2
    2 | title: ' '
  > 3 | expand: {id: a}
      |         ^
    4 | validate: [text]
  expected: a list of steps

migrations/0002_add_billing/migration.yaml:4:12 wrong-type: validate[0] is "text"
    2 | title: ' '
    3 | expand: {id: a}
  > 4 | validate: [text]
      |            ^
    5 | finalize: [{id: Add-Column, sql: 1, irreversible: true}]
  expected: a step with an id, sql (or file) and undo (or undo_file)

migrations/0002_add_billing/migration.yaml:5:17 wrong-value: finalize[0].id is "Add-Column"
    3 | expand: {id: a}
    4 | validate: [text]
  > 5 | finalize: [{id: Add-Column, sql: 1, irreversible: true}]
      |                 ^
    6 | snapshots: requird
  expected: a name in snake_case that starts with a letter, at most 63 characters, such as add_total_cents

migrations/0002_add_billing/migration.yaml:5:34 wrong-type: finalize[0].sql is 1, a number
    3 | expand: {id: a}
    4 | validate: [text]
  > 5 | finalize: [{id: Add-Column, sql: 1, irreversible: true}]
      |                                  ^
    6 | snapshots: requird
  expected: SQL text

migrations/0002_add_billing/migration.yaml:5:51 wrong-type: finalize[0].irreversible is true, a boolean
    3 | expand: {id: a}
    4 | validate: [text]
  > 5 | finalize: [{id: Add-Column, sql: 1, irreversible: true}]
      |                                                   ^
    6 | snapshots: requird
  expected: a text that says what is lost

migrations/0002_add_billing/migration.yaml:6:12 wrong-value: snapshots is "requird"
    4 | validate: [text]
    5 | finalize: [{id: Add-Column, sql: 1, irreversible: true}]
  > 6 | snapshots: requird
      |            ^
    7 |
  expected: required, none, or a mapping with before_expand and before_contract
  fix: write required
"
`);
  });

  it('fails when a gate is wrong', () => {
    expect(
      problems(`expand: [{id: a, sql: analyze a}]
gates:
  review: {kind: aproval}
  deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
  contract: nonne
  soak: {kind: timer, duration: 1 hour, approvals: 1}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:5:18 wrong-value: gates.review.kind is "aproval"
    3 | expand: [{id: a, sql: analyze a}]
    4 | gates:
  > 5 |   review: {kind: aproval}
      |                  ^
    6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
  expected: none, or a mapping with kind: signal, approval or timer
  fix: write approval

migrations/0002_add_billing/migration.yaml:6:35 wrong-value: gates.deploy.signals is an empty list
    4 | gates:
    5 |   review: {kind: aproval}
  > 6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
      |                                   ^
    7 |   contract: nonne
  expected: a list with the names of the services to wait for

migrations/0002_add_billing/migration.yaml:6:48 duration: gates.deploy.timeout is 90, a number
    4 | gates:
    5 |   review: {kind: aproval}
  > 6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
      |                                                ^
    7 |   contract: nonne
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h
  fix: write the unit: 90ms, 90s, 90m, 90h or 90d

migrations/0002_add_billing/migration.yaml:6:64 wrong-value: gates.deploy.on_timeout is "rolback"
    4 | gates:
    5 |   review: {kind: aproval}
  > 6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
      |                                                                ^
    7 |   contract: nonne
  expected: hold or rollback
  fix: write rollback

migrations/0002_add_billing/migration.yaml:7:13 wrong-value: gates.contract is "nonne"
    5 |   review: {kind: aproval}
    6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
  > 7 |   contract: nonne
      |             ^
    8 |   soak: {kind: timer, duration: 1 hour, approvals: 1}
  expected: none, or a mapping with kind: signal, approval or timer
  fix: write none

migrations/0002_add_billing/migration.yaml:8:33 duration: gates.soak.duration is "1 hour"
    6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
    7 |   contract: nonne
  > 8 |   soak: {kind: timer, duration: 1 hour, approvals: 1}
      |                                 ^
    9 |
  expected: a length of time with its unit (ms, s, m, h, d or w), such as 100ms or 4h

migrations/0002_add_billing/migration.yaml:8:41 unknown-key: unknown key approvals in gates.soak
    6 |   deploy: {kind: signal, signals: [], timeout: 90, on_timeout: rolback}
    7 |   contract: nonne
  > 8 |   soak: {kind: timer, duration: 1 hour, approvals: 1}
      |                                         ^
    9 |
  expected: one of kind, duration, old_application
"
`);
  });

  it('fails when a window is wrong', () => {
    expect(
      problems(`expand: [{id: a, sql: analyze a}]
windows:
  prepare: []
  expand: []
  backfill:
    - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
    - {from: '22:00', to: '22:00', time_zone: '+02:00'}`),
    ).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:5:3 unknown-key: unknown key prepare in windows
    3 | expand: [{id: a, sql: analyze a}]
    4 | windows:
  > 5 |   prepare: []
      |   ^
    6 |   expand: []
  expected: one of expand, backfill, validate, contract, finalize

migrations/0002_add_billing/migration.yaml:6:11 wrong-value: windows.expand is an empty list
    4 | windows:
    5 |   prepare: []
  > 6 |   expand: []
      |           ^
    7 |   backfill:
  expected: a list of windows

migrations/0002_add_billing/migration.yaml:8:14 wrong-value: windows.backfill[0].from is "22:0"
    6 |   expand: []
    7 |   backfill:
  > 8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
      |              ^
    9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
  expected: a time of day, such as '22:00'

migrations/0002_add_billing/migration.yaml:8:24 wrong-value: windows.backfill[0].to is "24:00"
    6 |   expand: []
    7 |   backfill:
  > 8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
      |                        ^
    9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
  expected: a time of day, such as '22:00'

migrations/0002_add_billing/migration.yaml:8:40 wrong-value: windows.backfill[0].days[0] is "monday"
    6 |   expand: []
    7 |   backfill:
  > 8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
      |                                        ^
    9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
  expected: mon, tue, wed, thu, fri, sat or sun

migrations/0002_add_billing/migration.yaml:8:60 wrong-value: windows.backfill[0].time_zone is "Mars/Olympus"
    6 |   expand: []
    7 |   backfill:
  > 8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
      |                                                            ^
    9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
  expected: an IANA time zone, such as Europe/Berlin

migrations/0002_add_billing/migration.yaml:9:27 wrong-value: windows.backfill[1].to is "22:00"
     7 |   backfill:
     8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
  >  9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
       |                           ^
    10 |
  expected: another time than \`from\`; a phase without windows runs at any time

migrations/0002_add_billing/migration.yaml:9:47 wrong-value: windows.backfill[1].time_zone is "+02:00"
     7 |   backfill:
     8 |     - {from: 22:0, to: '24:00', days: [monday], time_zone: Mars/Olympus}
  >  9 |     - {from: '22:00', to: '22:00', time_zone: '+02:00'}
       |                                               ^
    10 |
  expected: an IANA time zone, such as Europe/Berlin
"
`);
  });

  it('fails when the migration does nothing', () => {
    expect(problems('expand: []')).toMatchInlineSnapshot(`
"
migrations/0002_add_billing/migration.yaml:1:1 empty-migration: the migration has no steps
  > 1 | version: 1
      | ^
    2 | title: Add billing
  expected: an operation, or a step in expand, backfill, validate, contract or finalize
"
`);
  });
});

it('finds problems of every kind at once, in the order of the file', () => {
  const found = problems(`titel: x
expand:
  - {id: a, sql: selec}
  - {id: b, sql: analyze b, undo: begin}
backfill:
  - {id: c, table: t, set: {x: 1}}
gates: {soak: 5}`);
  expect(found.match(/^migrations.*$/gm)).toMatchInlineSnapshot(`
[
  "migrations/0002_add_billing/migration.yaml:3:1 unknown-key: unknown key titel",
  "migrations/0002_add_billing/migration.yaml:5:18 sql-syntax: syntax error at or near "selec"",
  "migrations/0002_add_billing/migration.yaml:6:35 transaction-control: begin controls a transaction",
  "migrations/0002_add_billing/migration.yaml:9:15 wrong-value: gates.soak is 5, a number",
]
`);
});
