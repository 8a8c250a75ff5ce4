import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** The kinds of items in the control table, by the first part of their partition key. */
export type ControlItemKind = 'execution' | 'source' | 'flags' | 'audit';

export interface ControlStoreProps {
  /** @default - a new table */
  readonly table?: dynamodb.ITable;
  /** @default - the key of the given table, or a new key */
  readonly key?: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
}

/** Everything that the product does to items. There is no Scan and no DeleteItem anywhere in it. */
const READ_ACTIONS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ACTIONS = ['dynamodb:PutItem', 'dynamodb:UpdateItem'];

/** Using a table under a key of ours needs the key as well (DynamoDB guide, "Encryption at rest"). */
const KEY_ACTIONS = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncrypt*',
  'kms:GenerateDataKey*',
  'kms:DescribeKey',
];

const TASK_TOKENS = 'token#*';
const BY_TIME_INDEX = 'by-time';

/**
 * What the operation knows, outside the target database: the control table, and the key that it and
 * the task tokens in it are encrypted with. Kept by default when the stack goes: it has the audit
 * trail.
 */
export class ControlStore extends Construct {
  readonly table: dynamodb.ITable;
  readonly key: kms.IKey;
  /**
   * Encrypts logs as well. Undefined with a key of somebody else's, whose policy is not ours to change: without a
   * statement for CloudWatch Logs in it, no log group could be made.
   */
  readonly logKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: ControlStoreProps) {
    super(scope, id);
    const given = props.key ?? props.table?.encryptionKey;
    this.key = given ?? this.#createKey(props.removalPolicy);
    this.logKey = given === undefined ? this.key : undefined;
    // The L2 types an absent key in another way than its interface; it has one here.
    this.table = props.table ?? (this.#createTable(props.removalPolicy) as dynamodb.ITable);
  }

  /** Items of every kind but task tokens, which nobody else can even read in their encrypted form. */
  grantHandler(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, [...READ_ACTIONS, ...WRITE_ACTIONS], {
      'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': [TASK_TOKENS] },
    });
  }

  /** Keeps task tokens, encrypted; cannot read them back. */
  grantKeepTaskTokens(grantee: iam.IGrantable): iam.Grant {
    return this.#grantTaskTokens(grantee, 'dynamodb:PutItem', 'kms:Encrypt');
  }

  /** Reads task tokens, which nobody else can. */
  grantReadTaskTokens(grantee: iam.IGrantable): iam.Grant {
    return this.#grantTaskTokens(grantee, 'dynamodb:GetItem', 'kms:Decrypt');
  }

  /** Items of every kind but task tokens, to look at; the list of executions too. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.#grant(grantee, READ_ACTIONS, {
      'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': [TASK_TOKENS] },
    }).combine(this.grantList(grantee));
  }

  /** The list of executions by time: their keys, and nothing of what is in them. */
  grantList(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:Query'],
      resourceArns: [`${this.table.tableArn}/index/${BY_TIME_INDEX}`],
    });
  }

  /** Items of these kinds, to look at and to change. */
  grantReadWrite(grantee: iam.IGrantable, kinds: readonly ControlItemKind[]): iam.Grant {
    return this.#grant(grantee, [...READ_ACTIONS, ...WRITE_ACTIONS], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) },
    });
  }

  #grantTaskTokens(grantee: iam.IGrantable, action: string, keyAction: string): iam.Grant {
    const items = this.#grant(grantee, [action], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [TASK_TOKENS] },
    });
    return items.combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: [keyAction],
        resourceArns: [this.key.keyArn],
      }),
    );
  }

  #grant(
    grantee: iam.IGrantable,
    actions: readonly string[],
    condition: Record<string, Record<string, unknown>>,
  ): iam.Grant {
    const items = iam.Grant.addToPrincipal({
      grantee,
      actions: [...actions],
      resourceArns: [this.table.tableArn],
      conditions: condition,
    });
    return items.combine(
      iam.Grant.addToPrincipal({
        grantee,
        actions: KEY_ACTIONS,
        resourceArns: [this.key.keyArn],
        // Through DynamoDB alone: it opens the table, not the tokens in it.
        conditions: {
          StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` },
        },
      }),
    );
  }

  #createKey(removalPolicy: RemovalPolicy): kms.Key {
    const key = new kms.Key(this, 'Key', {
      description: 'Lockkeeper: the control table, the task tokens in it, and the logs',
      enableKeyRotation: true,
      removalPolicy,
    });
    const { region, account, partition } = Stack.of(this);
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: KEY_ACTIONS,
        resources: ['*'], // in a key's policy: the key itself
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
          },
        },
      }),
    );
    return key;
  }

  #createTable(removalPolicy: RemovalPolicy): dynamodb.Table {
    const string = (name: string) => ({ name, type: dynamodb.AttributeType.STRING });
    const table = new dynamodb.Table(this, 'Table', {
      partitionKey: string('pk'),
      sortKey: string('sk'),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
    });
    table.addGlobalSecondaryIndex({
      indexName: BY_TIME_INDEX,
      partitionKey: string('listPk'),
      sortKey: string('listSk'),
      projectionType: dynamodb.ProjectionType.KEYS_ONLY, // records are read by key, consistently
    });
    return table;
  }
}
