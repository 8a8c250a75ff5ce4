import { type ErrorCode, LockkeeperError } from '../core/errors.ts';
import { type Execution, isFinished } from '../core/executions/execution.ts';
import {
  type ApprovalAnswer,
  approve,
  type DecisionRequest,
  reject,
} from '../core/gates/approve.ts';
import { evaluateGate } from '../core/gates/evaluate.ts';
import { type Gate, type Signal, STOPS, type StopName } from '../core/gates/gate.ts';
import type { FourEyes } from '../core/workflow/handlers.ts';
import type { Workflow } from '../ports/workflow.ts';
import { changePace, type PaceCommand } from './change-pace.ts';
import { type EngineContext, journal } from './context.ts';

/** Two people deciding at once: the second reads what the first wrote and tries again. */
const WRITE_ATTEMPTS = 5;

export interface DecisionContext extends EngineContext {
  readonly waker: Pick<Workflow, 'wake'>;
  readonly execution: Execution;
  /** Whether who started it may approve its gates is the deployment's word first. */
  readonly fourEyes: FourEyes;
}

export type GateCommand =
  | ({ readonly kind: 'approve'; readonly gate: StopName } & DecisionRequest)
  | ({ readonly kind: 'reject'; readonly gate: StopName } & DecisionRequest & {
        readonly reason: string;
      })
  | { readonly kind: 'signal'; readonly signal: Signal }
  | { readonly kind: 'abort'; readonly by: string; readonly reason: string }
  | PaceCommand;

export interface GateAnswer {
  /** One sentence for the person who asked. */
  readonly message: string;
  /** Whether a waiting state was woken by this. */
  readonly woken: boolean;
}

/**
 * Everything a person or a pipeline can say to a running execution. It writes the durable fact
 * first and wakes whoever waits second, so a lost wake-up loses nothing.
 * @throws LockkeeperError AlreadyDecided, PlanChanged, NotAllowed, WrongState
 */
export async function decide(context: DecisionContext, command: GateCommand): Promise<GateAnswer> {
  if (isFinished(context.execution.status)) {
    throw new LockkeeperError(
      'WrongState',
      `execution ${context.executionId} is ${context.execution.status}; there is nothing to decide any more`,
    );
  }
  switch (command.kind) {
    case 'approve':
    case 'reject':
      return decideOne(context, command);
    case 'signal':
      return keepSignal(context, command.signal);
    case 'abort':
      return requestAbort(context, command);
    case 'pause':
    case 'unpause':
    case 'tune':
    case 'accept-quarantine':
      return changePace(context, command);
  }
}

async function decideOne(
  context: DecisionContext,
  command: Extract<GateCommand, { kind: 'approve' | 'reject' }>,
): Promise<GateAnswer> {
  for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt += 1) {
    const gate = await openGateOf(context, command.gate);
    const answer =
      command.kind === 'approve'
        ? approve(gate, command, await excludedBy(context))
        : reject(gate, command);
    // The first delivery may have died after it was written, and before it woke anybody.
    if (answer.kind === 'refused' && answer.why === 'already-decided') {
      await wake(context, gate.name);
    }
    if (answer.kind === 'refused') throw refusal(answer);
    if (answer.kind === 'repeated') {
      return { message: `${command.by} had approved gate ${gate.name} already`, woken: false };
    }
    if ((await context.control.putGate(answer.gate, gate.revision)) === 'conflict') continue;
    await journal(context, 'GateDecided', {
      by: command.by,
      ...(command.reason !== undefined && { reason: command.reason }),
      facts: { gate: gate.name, decision: command.kind, complete: answer.complete },
    });
    const woken = answer.complete && (await wake(context, gate.name));
    return { message: said(command, answer.gate, answer.complete), woken };
  }
  throw new LockkeeperError('Conflict', `gate ${command.gate} kept changing; try again`);
}

/** Who may not approve: whoever started it, where four eyes are asked for. */
async function excludedBy(context: DecisionContext): Promise<string | undefined> {
  const starter = await context.control.getStarter(context.executionId);
  if (starter === undefined) {
    throw new LockkeeperError(
      'NotAllowed',
      `nobody verified who started ${context.executionId}, so nobody can be the second pair of eyes`,
      { fix: 'abort it and start it again' },
    );
  }
  return context.fourEyes === 'required' || starter.fourEyes ? starter.by : undefined;
}

async function openGateOf(context: DecisionContext, name: StopName): Promise<Gate> {
  const gate = await context.control.getGate(context.executionId, name);
  if (gate !== undefined) return gate;
  const open = (await context.control.listGates(context.executionId))
    .filter((candidate) => candidate.decision === undefined)
    .map((candidate) => candidate.name);
  throw new LockkeeperError(
    'WrongState',
    `gate ${name} of ${context.executionId} is not open yet`,
    { fix: open.length === 0 ? 'wait until it opens' : `the open gate is ${open.join(', ')}` },
  );
}

async function keepSignal(context: DecisionContext, signal: Signal): Promise<GateAnswer> {
  const repeated = (await context.control.putSignal(context.executionId, signal)) === 'duplicate';
  if (!repeated) {
    await journal(context, 'SignalReceived', {
      by: signal.by,
      facts: { signal: signal.name, version: signal.version ?? null },
    });
  }
  const answer = (message: string, woken = false): GateAnswer => ({
    message: repeated ? `signal ${signal.signalId} was known already` : message,
    woken,
  });
  const gate = (await context.control.listGates(context.executionId)).find(
    (candidate) => candidate.declared.kind === 'signal' && candidate.decision === undefined,
  );
  if (gate === undefined) return answer('kept: no gate waits for a signal yet');
  const signals = await context.control.listSignals(context.executionId);
  const state = evaluateGate(gate, signals, context.clock.now());
  if (state.kind === 'waiting') {
    return answer(`kept: gate ${gate.name} still waits for ${state.missing}`);
  }
  // A repeated one wakes again: the first delivery may have died before it came to that.
  return answer(`gate ${gate.name} opens`, await wake(context, gate.name));
}

async function requestAbort(
  context: DecisionContext,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<GateAnswer> {
  await context.control.requestAbort(context.executionId, { by, reason, at: context.clock.now() });
  await journal(context, 'AbortRequested', { by, reason });
  const woken = await Promise.all(STOPS.map((name) => wake(context, name)));
  return {
    message: 'it stops before its next step or batch and goes back',
    woken: woken.includes(true),
  };
}

async function wake(context: DecisionContext, name: StopName): Promise<boolean> {
  const token = await context.control.getTaskToken(context.executionId, name);
  return token !== undefined && (await context.waker.wake(token)) === 'woken';
}

function said(
  command: Extract<GateCommand, { kind: 'approve' | 'reject' }>,
  gate: Gate,
  complete: boolean,
): string {
  if (command.kind === 'reject') return `gate ${gate.name} is rejected; the execution goes back`;
  const differ =
    gate.comparison?.found.kind === 'different' ? `; ${gate.comparison.found.reason}` : '';
  if (complete) return `gate ${gate.name} is approved${differ}`;
  const wanted = gate.declared.kind === 'approval' ? gate.declared.approvals : 1;
  return `approval ${gate.approvals.length} of ${wanted} at gate ${gate.name}${differ}`;
}

function refusal(answer: Extract<ApprovalAnswer, { kind: 'refused' }>): LockkeeperError {
  const codes: Readonly<Record<typeof answer.why, ErrorCode>> = {
    'already-decided': 'AlreadyDecided',
    'plan-changed': 'PlanChanged',
    'four-eyes': 'NotAllowed',
    'not-an-approval-gate': 'WrongState',
  };
  return new LockkeeperError(codes[answer.why], answer.message);
}
