import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { FAILURES } from '../core/workflow/failures.ts';
import type { HandlerName } from '../core/workflow/handlers.ts';
import {
  RESTORE_ENDINGS,
  RESTORE_ORDER,
  RESTORE_STAGES,
  type RestoreStageName,
} from '../core/workflow/restore-states.ts';
import { UNKNOWN_VERSION } from '../core/workflow/states.ts';
import { ExecutionEnding } from './execution-ending.ts';
import { GateFragment } from './gate-fragment.ts';
import type { ExitStates } from './outcome-choice.ts';
import { WorkLoop } from './work-loop.ts';

export interface RestoreDefinitionProps {
  /** What each Task invokes; published versions. */
  readonly handlers: Readonly<Record<HandlerName, IFunction>>;
}

/**
 * The flow of `lib/core/workflow/restore-states.ts` as Step Functions states: one line of stages, a
 * refusal before the takeover, and a failure that is gone on from. There is no way back in it:
 * nothing of the original is lost at any point, and renaming back without a person's word could
 * throw away writes that the new cluster took. Each round of waiting for RDS costs 9 history events
 * of 25,000: at 30 s a round that is 23 hours.
 */
export class RestoreDefinition extends Construct {
  /** Where the state machine starts. */
  readonly start: sfn.IChainable;
  readonly #handlers: RestoreDefinitionProps['handlers'];

  constructor(scope: Construct, id: string, props: RestoreDefinitionProps) {
    super(scope, id);
    this.#handlers = props.handlers;
    const exits: ExitStates = {
      reject: this.#ending('restore-rejected'),
      'give-up': this.#ending('restore-failed'),
      incompatible: new sfn.Fail(this, 'unknown-version', {
        stateName: UNKNOWN_VERSION.stop,
        error: UNKNOWN_VERSION.failure,
        cause: FAILURES[UNKNOWN_VERSION.failure],
      }),
    };
    const stages = RESTORE_ORDER.map((name) => this.#stage(name, exits));
    this.start = [...stages, this.#ending('restored')].reduce<sfn.Chain | undefined>(
      (chain, stage) => (chain === undefined ? sfn.Chain.start(stage) : chain.next(stage)),
      undefined,
    ) as sfn.Chain;
  }

  #stage(name: RestoreStageName, exits: ExitStates): WorkLoop | GateFragment {
    const stage = RESTORE_STAGES[name];
    const handler = this.#handlers[stage.handler];
    return stage.kind === 'gate'
      ? new GateFragment(this, name, { stage, handler, exits })
      : new WorkLoop(this, name, { stage, handler, exits });
  }

  #ending(name: keyof typeof RESTORE_ENDINGS): ExecutionEnding {
    return new ExecutionEnding(this, `end-${name}`, {
      ending: RESTORE_ENDINGS[name],
      handler: this.#handlers.finish,
    });
  }
}
