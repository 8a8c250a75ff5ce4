import { HANDLER_CAPABILITIES, HANDLER_NAMES } from '../core/workflow/handlers.ts';
import {
  invokePermissions,
  managedPolicies,
  type PolicyRow,
  type PolicyTemplate,
  policyRows,
} from './policy-table.ts';

/** The four roles that people and pipelines have, as the sample stack names them. */
export const GRANTS = ['start', 'approve', 'read', 'restore'] as const;

const INTRO = `# Permissions

Written by \`scripts/generate-iam-doc.ts\` from the synthesized template of a stack with every option; a test
compares the two, so that no permission is added unseen. \`<Name>\` is a resource of the stack; region and account are examples.

Each function has a role of its own, without managed policies. What a function may do follows from its capabilities in
\`lib/core/workflow/handlers.ts\`. Nobody may scan the
control table, delete anything in it, or stop an execution.
`;

const PEOPLE = `## People and pipelines

\`orchestrator.grants\` gives each of these to a role of yours. None includes another.

Four eyes compare principals as STS writes them: a user's ARN, or \`assumed-role/<role>/<session>\`. Whoever assumes a role chooses
the session's name, so one person could be two sessions. IAM Identity Center sets it to the user. For every other role that may
approve, demand it in the trust policy:

\`\`\`json
{
  "Effect": "Allow",
  "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "sts:AssumeRole",
  "Condition": {"StringEquals": {"sts:RoleSessionName": "\${aws:username}"}}
}
\`\`\`

What \`start\` can still do, because it writes the execution's record, its source, its flags and the audit trail: show a
false status or a false name in \`status\` and \`history\`, pause and abort executions, mark one as finished whose target another
then may take (the fencing token keeps the first from writing any more), and add entries to the audit trail in
anybody's name. What it cannot: approve anything, change a plan or a gate, read or use a task token, or change who
started an execution in the eyes of four eyes, which is in an item of its own (\`starter#\`) that only functions write.
\`restore\` writes the same kinds of items. A name in the audit trail is therefore evidence together with the gate's own item,
which \`lockkeeper status\` shows.
`;

/** `docs/iam.md`: every action and resource of every role in the template. */
export function iamDocument(template: PolicyTemplate): string {
  const rows = policyRows(template);
  const handlers = HANDLER_NAMES.map((name) => ({
    name,
    rows: rows.filter(({ owner }) => owner === `<${ownerOfHandler(name)}>`),
  }));
  const people = GRANTS.map((name) => ({
    name,
    rows: rows.filter((row) => row.owner === `<${name}>`),
  }));
  const placed = new Set([...handlers, ...people].flatMap((part) => part.rows));
  const others = Map.groupBy(
    rows.filter((row) => !placed.has(row)),
    ({ owner }) => owner,
  );
  const managed = managedPolicies(template);
  return [
    INTRO,
    '## Functions\n',
    ...handlers.flatMap(({ name, rows: own }) => [
      `### ${name}\n`,
      `Capabilities: ${HANDLER_CAPABILITIES[name].map((one) => `\`${one}\``).join(', ')}.\n`,
      table(own),
    ]),
    '## State machines, rules and other roles of the stack\n',
    ...[...others].flatMap(([owner, own]) => [`### ${owner.slice(1, -1)}\n`, table(own)]),
    `Managed policies: ${managed.length === 0 ? 'none' : managed.join(', ')}.\n`,
    '## Who else may invoke a function\n',
    '| Function | Principal | Source |\n|---|---|---|',
    `${invokePermissions(template)
      .map(({ fn, principal, source }) => `| ${code(fn)} | ${code(principal)} | ${code(source)} |`)
      .join('\n')}\n`,
    PEOPLE,
    ...people.flatMap(({ name, rows: own }) => [`### grants.${name}\n`, table(own)]),
  ].join('\n');
}

function ownerOfHandler(name: string): string {
  return `Handlers${name.replaceAll('-', '')}role`;
}

function table(rows: readonly PolicyRow[]): string {
  const lines = rows.map(
    ({ actions, resources, condition }) =>
      `| ${actions.map(code).join(' ')} | ${resources.map(code).join(' ')} | ${condition === '' ? '' : code(condition)} |`,
  );
  return `${['| Actions | Resources | Only if |', '|---|---|---|', ...lines].join('\n')}\n`;
}

const code = (text: string) => `\`${text}\``;
