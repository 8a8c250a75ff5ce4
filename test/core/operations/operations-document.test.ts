import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { OPERATIONS } from '../../../lib/core/operations/all-operations.ts';
import { operationsDocument } from '../../../lib/core/operations/operations-document.ts';

it('is what docs/operations.md says', async () => {
  const written = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  // If this fails: node scripts/generate-operations-doc.ts
  expect(written).toBe(operationsDocument());
});

it('says of each operation what it does', () => {
  const text = operationsDocument();
  for (const { name } of OPERATIONS) expect(text).toMatch(new RegExp(`## ${name}\n\n[A-Z]`));
});
