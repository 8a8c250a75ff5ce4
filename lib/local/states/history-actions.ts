import { z } from 'zod';
import type { JsonAction } from './aws-json.ts';
import type { Executions } from './executions.ts';
import type { HistoryEvent } from './history.ts';
import { pageOf } from './paging.ts';
import { arnField, pageFields, parseRequest } from './request.ts';

const historyRequest = z.object({
  executionArn: arnField,
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
  ...pageFields,
});

/** What `includeExecutionData: false` leaves out; the parameters of a callback task hold its token. */
const EXECUTION_DATA = new Set(['input', 'inputDetails', 'output', 'outputDetails', 'parameters']);

/** `GetExecutionHistory`. */
export function historyActions(executions: Executions): Record<string, JsonAction> {
  return {
    GetExecutionHistory: (input) => {
      const request = parseRequest(historyRequest, input);
      const { executionArn, reverseOrder, includeExecutionData } = request;
      const events = [...executions.history(executionArn)];
      if (reverseOrder) events.reverse();
      const scope = `history of ${executionArn} ${reverseOrder ? 'reversed' : ''}`;
      const page = pageOf(events, ({ id }) => String(id), scope, request);
      const shown = includeExecutionData ? page.items : page.items.map(withoutData);
      return { events: shown, nextToken: page.nextToken };
    },
  };
}

function withoutData(event: HistoryEvent): object {
  return Object.fromEntries(
    Object.entries(event).map(([member, value]) => [
      member,
      member.endsWith('EventDetails') ? withoutDataMembers(value as object) : value,
    ]),
  );
}

function withoutDataMembers(details: object): object {
  return Object.fromEntries(
    Object.entries(details).filter(([member]) => !EXECUTION_DATA.has(member)),
  );
}
