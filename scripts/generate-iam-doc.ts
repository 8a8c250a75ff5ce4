/** Writes docs/iam.md from the synthesized template. Run after a permission changed. */
import { writeFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { iamDocument } from '../lib/constructs/iam-document.ts';
import type { PolicyTemplate } from '../lib/constructs/policy-table.ts';
import { makeIdleBundles } from '../test/constructs/idle-bundles.ts';
import { stackWithEverything } from '../test/constructs/stack-with-everything.ts';

const bundles = makeIdleBundles();
try {
  const template = Template.fromStack(stackWithEverything(bundles.directory)).toJSON();
  writeFileSync(
    new URL('../docs/iam.md', import.meta.url),
    iamDocument(template as PolicyTemplate),
  );
} finally {
  bundles.remove();
}
