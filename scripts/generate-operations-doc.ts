/** Writes docs/operations.md from the formats of the operations. Run after a format changed. */
import { writeFileSync } from 'node:fs';
import { operationsDocument } from '../lib/core/operations/operations-document.ts';

writeFileSync(new URL('../docs/operations.md', import.meta.url), operationsDocument());
