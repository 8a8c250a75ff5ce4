import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { WorkflowDefinition } from '../../lib/constructs/workflow-definition.ts';
import { HANDLER_NAMES, type HandlerName } from '../../lib/core/workflow/handlers.ts';
import { EMBEDDED_PLACE } from '../../lib/local/cloudformation/local-place.ts';
import { StackReferences } from '../../lib/local/cloudformation/stack-references.ts';
import { parseTemplate } from '../../lib/local/cloudformation/template.ts';

/** A state as far as the tests look into it. */
export interface State {
  readonly Type: 'Task' | 'Choice' | 'Wait' | 'Pass' | 'Succeed' | 'Fail';
  readonly Next?: string;
  readonly Resource?: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: Payload };
  readonly ResultPath?: string | null;
  readonly ResultSelector?: Readonly<Record<string, string>>;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly SecondsPath?: string;
  readonly Choices?: readonly { readonly Next: string; readonly StringEquals?: string }[];
  readonly Default?: string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly Catcher[];
  readonly Error?: string;
  readonly Cause?: string;
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string;
}

type Payload = Readonly<Record<string, string>>;

export interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds?: number;
  readonly QueryLanguage?: string;
  readonly States: Readonly<Record<string, State>>;
}

/** The definition as Step Functions gets it, with each function under the ARN `functionArn(name)`. */
export function renderWorkflow(): Definition {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Workflow');
  const handlers = Object.fromEntries(
    HANDLER_NAMES.map((name) => [
      name,
      LambdaFunction.fromFunctionArn(stack, name, functionArn(name)),
    ]),
  ) as Record<HandlerName, ReturnType<typeof LambdaFunction.fromFunctionArn>>;
  const { start } = new WorkflowDefinition(stack, 'Definition', { handlers });
  new StateMachine(stack, 'StateMachine', { definitionBody: DefinitionBody.fromChainable(start) });
  const template = parseTemplate(Template.fromStack(stack).toJSON(), 'the test stack');
  CloudAssembly.cleanupTemporaryDirectories(); // jest ends a process without it
  const references = new StackReferences(template, { ...EMBEDDED_PLACE, stackName: 'Workflow' });
  const [logicalId = ''] =
    Object.entries(template.Resources).find(
      ([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine',
    ) ?? [];
  return JSON.parse(String(references.properties(logicalId)['DefinitionString'])) as Definition;
}

export function functionArn(handler: HandlerName): string {
  return `arn:aws:lambda:us-east-1:000000000000:function:${handler}`;
}
