import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { History } from '../../../lib/local/states/history.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lockkeeper-history-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('drops a line that a crash tore and goes on after the last whole one', () => {
  // GIVEN two events and half of a third
  const path = join(directory, 'history.jsonl');
  const before = new History(path);
  before.record('ExecutionStarted');
  before.record('TaskStateEntered');
  appendFileSync(path, '{"id":3,"ty');

  // WHEN the next process ends the execution
  new History(path).end('ExecutionAborted', {});

  // THEN
  const events = new History(path).events();
  expect(events.map(({ id, type }) => `${id} ${type}`)).toEqual([
    '1 ExecutionStarted',
    '2 TaskStateEntered',
    '3 ExecutionAborted',
  ]);
});

it('records nothing after the end', () => {
  const history = new History(join(directory, 'history.jsonl'));
  history.record('ExecutionStarted');
  history.end('ExecutionSucceeded', {});
  history.record('TaskSucceeded');
  history.end('ExecutionAborted', {});
  expect(history.events().map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'ExecutionSucceeded',
  ]);
});
