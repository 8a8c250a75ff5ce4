import { beforeAll, describe, expect, it } from '@jest/globals';
import validate from 'asl-validator';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { RestoreDefinition } from '../../lib/constructs/restore-definition.ts';
import { RESTORE_FAILURES } from '../../lib/core/workflow/failures.ts';
import { HANDLER_NAMES, type HandlerName } from '../../lib/core/workflow/handlers.ts';
import { RESTORE_STEPS } from '../../lib/core/workflow/payload.ts';
import { RESTORE_ORDER, RESTORE_STAGES } from '../../lib/core/workflow/restore-states.ts';
import { EMBEDDED_PLACE } from '../../lib/local/cloudformation/local-place.ts';
import { StackReferences } from '../../lib/local/cloudformation/stack-references.ts';
import { parseTemplate } from '../../lib/local/cloudformation/template.ts';
import { type Definition, functionArn, type State } from './rendered-workflow.ts';

let definition: Definition;
beforeAll(() => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Restore');
  const handlers = Object.fromEntries(
    HANDLER_NAMES.map((name) => [
      name,
      LambdaFunction.fromFunctionArn(stack, name, functionArn(name)),
    ]),
  ) as Record<HandlerName, ReturnType<typeof LambdaFunction.fromFunctionArn>>;
  const { start } = new RestoreDefinition(stack, 'Definition', { handlers });
  new StateMachine(stack, 'StateMachine', { definitionBody: DefinitionBody.fromChainable(start) });
  const template = parseTemplate(Template.fromStack(stack).toJSON(), 'the test stack');
  CloudAssembly.cleanupTemporaryDirectories(); // jest ends a process without it
  const references = new StackReferences(template, { ...EMBEDDED_PLACE, stackName: 'Restore' });
  const [logicalId = ''] =
    Object.entries(template.Resources).find(
      ([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine',
    ) ?? [];
  definition = JSON.parse(String(references.properties(logicalId)['DefinitionString']));
});

const stateOf = (name: string): State => definition.States[name] as State;
const tasks = () => Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task');
/** Where an outcome leads from the question of a stage. */
const wayOf = (question: string, outcome: string) =>
  stateOf(question).Choices?.find(({ StringEquals }) => StringEquals === outcome)?.Next;

describe('the state machine of restores', () => {
  it('is valid Amazon States Language of the portable subset', () => {
    const { isValid, errorsText } = validate(structuredClone(definition));

    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
    expect(JSON.stringify(definition)).not.toMatch(
      /JSONata|"Parallel"|"Map"|ErrorPath|CausePath|"TimeoutSeconds":[^,]*StateMachine/,
    );
  });

  it('passes through every stage in order, and asks for every step once', () => {
    const stages = RESTORE_ORDER.map((name) => RESTORE_STAGES[name]);

    expect(definition.StartAt).toBe(stages[0]?.state);
    expect(stages.map(({ question }) => wayOf(question, 'done'))).toEqual([
      ...stages.slice(1).map(({ state }) => state),
      'Record restore',
    ]);
    const steps = tasks().flatMap(([, { Parameters }]) => Parameters?.Payload['step'] ?? []);
    expect(steps).toEqual([...RESTORE_STEPS]);
  });

  it('can be refused until the target is held, and only be gone on with afterwards', () => {
    for (const name of RESTORE_ORDER) {
      const { question } = RESTORE_STAGES[name];
      const before = RESTORE_ORDER.indexOf(name) <= RESTORE_ORDER.indexOf('hold');
      expect([name, wayOf(question, 'aborted')]).toEqual([
        name,
        before ? 'Record refusal' : 'Record restore failure',
      ]);
      expect(wayOf(question, 'failed')).toBe('Record restore failure');
      expect(wayOf(question, 'incompatible')).toBe('Made by another version');
    }
  });

  it('catches everything, and stops in ways that have a name', () => {
    for (const [, task] of tasks()) {
      expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
      expect(task.Retry).not.toEqual([]);
    }
    const fails = Object.values(definition.States).filter(({ Type }) => Type === 'Fail');
    expect(fails.map(({ Error: name }) => name).sort()).toEqual(
      [...Object.keys(RESTORE_FAILURES), 'UnknownVersion'].sort(),
    );
  });

  it('hands the task token to the one state that waits', () => {
    const holders = tasks().filter(([, { Parameters }]) =>
      Object.hasOwn(Parameters?.Payload ?? {}, 'taskToken.$'),
    );
    expect(holders.map(([name]) => name)).toEqual(['Await takeover approval']);
  });
});
