import { parse } from 'yaml';

interface Statement {
  Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
}
interface BootstrapTemplate {
  readonly Resources: Record<
    string,
    { readonly Properties?: { readonly PolicyDocument?: { readonly Statement?: Statement[] } } }
  >;
}

/**
 * The CDK's bootstrap template for an emulator that enforces IAM but is reached over plain HTTP and
 * does not know the condition key `aws:ResourceAccount`: without the bucket policy that demands TLS, and
 * without that condition. Nothing of the app's own permissions is touched.
 *
 * @param original YAML, as `cdk bootstrap --show-template` prints it
 * @returns JSON
 * @throws Error when it is not the template that we know
 */
export function bootstrapTemplateFor(original: string): string {
  const template = parse(original) as BootstrapTemplate;
  const { StagingBucketPolicy, ...Resources } = template.Resources;
  if (StagingBucketPolicy === undefined) throw new Error('no StagingBucketPolicy to leave out');
  for (const { Properties } of Object.values(Resources)) {
    for (const statement of Properties?.PolicyDocument?.Statement ?? []) {
      if ('aws:ResourceAccount' in (statement.Condition?.StringEquals ?? {})) {
        delete statement.Condition;
      }
    }
  }
  return JSON.stringify({ ...template, Resources });
}
