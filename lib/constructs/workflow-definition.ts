import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FAILURES } from '../core/workflow/failures.ts';
import type { HandlerName } from '../core/workflow/handlers.ts';
import { PAYLOAD_FORMAT } from '../core/workflow/payload.ts';
import {
  CHOOSE_MODE,
  ENDINGS,
  FORWARD_ORDER,
  READ_INTERRUPTED_RUN,
  ROLL_BACK_INTERRUPTED_RUN,
  STAGES,
  type Stage,
  type StageName,
  UNKNOWN_VERSION,
} from '../core/workflow/states.ts';
import { ExecutionEnding } from './execution-ending.ts';
import { GateFragment } from './gate-fragment.ts';
import type { ExitStates } from './outcome-choice.ts';
import { WorkLoop } from './work-loop.ts';

export interface WorkflowDefinitionProps {
  /** What each Task invokes; published versions, so that a deployment leaves running executions alone. */
  readonly handlers: Readonly<Record<HandlerName, IFunction>>;
}

/**
 * The whole flow of `lib/core/workflow/states.ts` as Step Functions states:
 *
 * 1. `mode: rollback` goes straight back; `forward` and `resume` walk the stages in order, because
 *    every handler is idempotent and skips what is done.
 * 2. Any bad end leads to `Roll back` and a Fail, except a rejection before anything was changed
 *    and a failure after something was dropped, which have Fails of their own.
 *
 * It has no timeout of its own: one would end the execution without a way back. The dialect is
 * the JSONPath subset that AWS and the local engines agree on: Task-level Catch, literal
 * comparisons on fields that are always there, static Fail errors.
 */
export class WorkflowDefinition extends Construct {
  /** Where the state machine starts. */
  readonly start: sfn.IChainable;
  readonly #handlers: WorkflowDefinitionProps['handlers'];

  constructor(scope: Construct, id: string, props: WorkflowDefinitionProps) {
    super(scope, id);
    this.#handlers = props.handlers;
    const incompatible = this.#stopAtOtherVersion();
    const rollback = this.#stage('rollback', {
      'give-up': this.#ending('rollback-failed'),
      incompatible,
    });
    rollback.next(this.#ending('rolled-back'));
    const exits: ExitStates = {
      'roll-back': rollback,
      reject: this.#ending('rejected'),
      'fix-forward': this.#ending('forward-fix-required'),
      incompatible,
    };
    const [firstName, ...laterNames] = FORWARD_ORDER;
    const first = this.#stage(firstName, exits);
    let forward = sfn.Chain.start(first);
    for (const name of laterNames) forward = forward.next(this.#stage(name, exits));
    forward.next(this.#ending('succeeded'));
    this.start = this.#chooseMode(first, rollback, incompatible);
  }

  #stage(name: StageName, exits: ExitStates): WorkLoop | GateFragment {
    const stage: Stage = STAGES[name];
    const handler = this.#handlers[stage.handler];
    return stage.kind === 'gate'
      ? new GateFragment(this, name, { stage, handler, exits })
      : new WorkLoop(this, name, { stage, handler, exits });
  }

  #ending(name: keyof typeof ENDINGS): ExecutionEnding {
    return new ExecutionEnding(this, `end-${name}`, {
      ending: ENDINGS[name],
      handler: this.#handlers.finish,
    });
  }

  #stopAtOtherVersion(): sfn.Fail {
    const { stop, failure } = UNKNOWN_VERSION;
    return new sfn.Fail(this, 'unknown-version', {
      stateName: stop,
      error: failure,
      cause: FAILURES[failure],
    });
  }

  /** Which ways lead on is said; everything else is an input of another version. */
  #chooseMode(
    forward: sfn.IChainable,
    rollback: sfn.IChainable,
    incompatible: sfn.IChainable,
  ): sfn.Choice {
    const { and, isPresent, numberEquals, stringEquals } = sfn.Condition;
    const known = [
      isPresent('$.formatVersion'),
      numberEquals('$.formatVersion', PAYLOAD_FORMAT),
    ] as const;
    return new sfn.Choice(this, 'choose-mode', { stateName: CHOOSE_MODE })
      .when(isPresent('$.executionArn'), this.#readInterruptedRun(rollback))
      .when(and(...known, stringEquals('$.mode', 'rollback')), rollback)
      .when(and(...known), forward)
      .otherwise(incompatible);
  }

  /**
   * `InterruptedRunRule` passes on the event's detail, which has the run's input as a text. The
   * intrinsic function is more than the portable subset has; every engine that sends these events
   * knows it.
   */
  #readInterruptedRun(rollback: sfn.IChainable): sfn.Chain {
    return new sfn.Pass(this, 'read-interrupted-run', {
      stateName: READ_INTERRUPTED_RUN,
      parameters: {
        input: sfn.JsonPath.stringToJson(sfn.JsonPath.stringAt('$.input')),
      },
    })
      .next(
        new sfn.Pass(this, 'roll-back-interrupted-run', {
          stateName: ROLL_BACK_INTERRUPTED_RUN,
          parameters: {
            executionId: sfn.JsonPath.stringAt('$.input.executionId'),
            mode: 'rollback',
          },
        }),
      )
      .next(rollback);
  }
}
