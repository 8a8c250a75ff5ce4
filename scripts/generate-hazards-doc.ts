/** Writes docs/hazards.md from the rules. Run after a rule changed. */
import { writeFileSync } from 'node:fs';
import { hazardsDocument } from '../lib/core/hazards/hazards-document.ts';

writeFileSync(new URL('../docs/hazards.md', import.meta.url), hazardsDocument());
