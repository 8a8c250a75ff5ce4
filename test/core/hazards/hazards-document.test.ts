import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { RULES_BY_ID, SCRIPT_RULES, STATEMENT_RULES } from '../../../lib/core/hazards/all-rules.ts';
import { ALLOWANCE_RULES } from '../../../lib/core/hazards/allowance-rules.ts';
import { hazardsDocument } from '../../../lib/core/hazards/hazards-document.ts';
import { HAZARD_PHASES } from '../../../lib/core/hazards/rule.ts';

describe('docs/hazards.md', () => {
  const written = readFileSync(new URL('../../../docs/hazards.md', import.meta.url), 'utf8');

  it('is what the rules say; if not, run scripts/generate-hazards-doc.ts', () => {
    expect(written).toBe(hazardsDocument());
  });

  it.each([...RULES_BY_ID.keys()])('has the anchor that findings of %s link to', (id) => {
    expect(written).toContain(`<a id="${id}"></a>`);
  });
});

describe('the rules', () => {
  const all = [...STATEMENT_RULES, ...SCRIPT_RULES, ...Object.values(ALLOWANCE_RULES)];

  it('have ids of their own, in kebab-case', () => {
    expect(RULES_BY_ID.size).toBe(all.length);
    for (const { id } of all) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it('each speak up in some phase', () => {
    const mute = all.filter(({ severity }) =>
      HAZARD_PHASES.every((phase) => severity[phase] === 'silent'),
    );
    expect(mute).toEqual([]);
  });

  it('explain themselves in one sentence without a final period', () => {
    for (const { why, safer, source } of all) {
      for (const text of [why, safer, source]) expect(text).toMatch(/[^.\s]$/);
    }
  });
});
