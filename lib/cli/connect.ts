import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { dynamoDbControlStore } from '../aws/control-store/dynamodb-control-store.ts';
import { dataApiClient } from '../aws/data-api/data-api-client.ts';
import { dataApiDatabase } from '../aws/data-api/data-api-database.ts';
import { decideGateClient } from '../aws/decide-gate-client.ts';
import { eventBridgeSink } from '../aws/event-sink.ts';
import { callerArn } from '../aws/identity/caller-arn.ts';
import { stsProver } from '../aws/identity/sts-prover.ts';
import { rdsClusterService } from '../aws/rds/cluster-service.ts';
import { systemClock } from '../aws/system-clock.ts';
import { transport } from '../aws/transport.ts';
import { stepFunctionsWorkflow } from '../aws/workflow.ts';
import { addressingOf } from './addressing.ts';
import type { Connection } from './connection.ts';
import type { GlobalOptions } from './global-options.ts';
import type { Output } from './output.ts';
import { placeOf, type SdkSettings } from './place.ts';
import { environmentOf, type Project } from './project.ts';
import { sealedTokens } from './sealed-tokens.ts';

/**
 * Builds the adapters of one environment and asks who is calling, which shows at once whether the
 * environment can be reached.
 * @throws LockkeeperError TargetUnreachable, AccessDenied, InvalidConfiguration
 */
export async function connect(
  project: Project,
  options: GlobalOptions,
  output: Output,
): Promise<Connection> {
  const environment = environmentOf(project, options.env);
  const place = await placeOf(project, environment, options.as);
  const clients = clientsOf(place.sdk);
  const identity = stsProver(clients.sts);
  const close = async () => {
    for (const client of Object.values(clients)) client.destroy();
  };
  try {
    return {
      environment,
      target: {
        name: `${place.clusterIdentifier}/${place.database}`,
        clusterIdentifier: place.clusterIdentifier,
        clusterArn: place.clusterArn,
      },
      addressing: addressingOf(project, environment, options),
      by: await callerArn(clients.sts),
      identity,
      clock: systemClock,
      control: dynamoDbControlStore({
        client: clients.dynamodb,
        tableName: place.controlTable,
        cipher: sealedTokens,
      }),
      workflow: stepFunctionsWorkflow({
        client: clients.states,
        stateMachineArn: place.stateMachineArn,
      }),
      restores:
        place.restoreStateMachineArn === undefined
          ? undefined
          : stepFunctionsWorkflow({
              client: clients.states,
              stateMachineArn: place.restoreStateMachineArn,
            }),
      events: eventBridgeSink({
        client: clients.events,
        busName: place.eventBus,
        log: (message) => output.progress(message),
      }),
      clusters: rdsClusterService({ client: clients.rds, clock: systemClock }),
      decide: decideGateClient(clients.lambda, place.decideGateFunction, identity),
      connectDatabase: (clusterArn) =>
        dataApiDatabase({
          client: clients.rdsData,
          clock: systemClock,
          clusterArn,
          secretArn: place.secretArn,
          database: place.database,
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A decision is a few calls of the control table, after a cold start. */
const INVOKE_TIMEOUT_MS = 60_000;

function clientsOf(sdk: SdkSettings) {
  return {
    dynamodb: new DynamoDBClient({ requestHandler: transport(), ...sdk('dynamodb') }),
    events: new EventBridgeClient({ requestHandler: transport(), ...sdk('events') }),
    lambda: new LambdaClient({ requestHandler: transport(INVOKE_TIMEOUT_MS), ...sdk('lambda') }),
    rds: new RDSClient({ requestHandler: transport(), ...sdk('rds') }),
    rdsData: dataApiClient(sdk('rdsData')),
    states: new SFNClient({ requestHandler: transport(), ...sdk('states') }),
    sts: new STSClient({ requestHandler: transport(), ...sdk('sts') }),
  };
}
