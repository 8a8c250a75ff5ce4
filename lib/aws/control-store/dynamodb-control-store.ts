import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ControlStore } from '../../ports/control-store.ts';
import { auditTrail } from './audit-trail.ts';
import { controlTable } from './control-table.ts';
import { executionFlags } from './execution-flags.ts';
import { executionRecords } from './execution-records.ts';
import { gateRegister } from './gate-register.ts';
import { leaseRegister } from './lease-register.ts';
import { progressBoard } from './progress-board.ts';
import { signalMailbox } from './signal-mailbox.ts';
import { snapshotRecords } from './snapshot-records.ts';
import { starterRecord } from './starter-record.ts';
import type { TokenCipher } from './token-cipher.ts';
import { writtenOnce } from './written-once.ts';

/**
 * The control store on one DynamoDB table.
 *
 * The SDK sends a write again when no answer came. That is safe here: a condition that then
 * refuses our own first write is recognized by reading back, and a counter that is added to twice
 * only skips a number.
 */
export function dynamoDbControlStore(options: {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly cipher: TokenCipher;
}): ControlStore {
  const table = controlTable(options.client, options.tableName);
  const { createRecord, ...executions } = executionRecords(table);
  const { putSource, ...documents } = writtenOnce(table);

  return {
    ...executions,
    ...documents,
    ...starterRecord(table),
    ...leaseRegister(table),
    ...executionFlags(table),
    ...gateRegister(table, options.cipher),
    ...signalMailbox(table),
    ...snapshotRecords(table),
    ...progressBoard(table),
    ...auditTrail(table),

    async createExecution(execution, source) {
      // The source first: whoever finds the record finds the source as well, and a crash between
      // the two leaves a source that nobody asks for.
      await putSource(execution.executionId, source);
      await createRecord(execution);
    },
  };
}
