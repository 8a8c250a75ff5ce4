import type { CreateFunctionStmt, IndexStmt, RangeVar } from 'libpg-query';
import { signatureOf } from '../rules/creation.ts';
import { nameOfParts, nameOfRange, quoteName, stringsOf, writeName } from '../sql-name.ts';
import type { Undos } from './derive-undo.ts';

/** What was created is dropped; a table or a type takes everything it contains with it. */
export const UNDO_OF_CREATION: Undos = {
  CreateStmt: ({ relation, if_not_exists }) => dropNew('table', relation, if_not_exists),
  CreateTableAsStmt: ({ into, objtype, if_not_exists }) =>
    dropNew(objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table', into?.rel, if_not_exists),
  ViewStmt: ({ view, replace }) => dropNew('view', view, replace),
  CreateSeqStmt: ({ sequence, if_not_exists }) => dropNew('sequence', sequence, if_not_exists),
  CompositeTypeStmt: ({ typevar }) => dropNew('type', typevar, false),
  IndexStmt: dropIndex,
  CreateFunctionStmt: dropFunction,
  CreateEnumStmt: ({ typeName }) => `drop type ${writeName(nameOfParts(stringsOf(typeName)))}`,
  CreateRangeStmt: ({ typeName }) => `drop type ${writeName(nameOfParts(stringsOf(typeName)))}`,
  CreateDomainStmt: ({ domainname }) =>
    `drop domain ${writeName(nameOfParts(stringsOf(domainname)))}`,
  CreateSchemaStmt: ({ schemaname, if_not_exists }) =>
    schemaname === undefined || if_not_exists === true
      ? undefined
      : `drop schema ${quoteName(schemaname)}`,
  CreateTrigStmt: ({ trigname, relation, replace }) =>
    replace === true ? undefined : dropFromTable('trigger', trigname, relation),
  RuleStmt: ({ rulename, relation, replace }) =>
    replace === true ? undefined : dropFromTable('rule', rulename, relation),
  CreatePolicyStmt: ({ policy_name, table }) => dropFromTable('policy', policy_name, table),
  CreateStatsStmt: ({ defnames = [], if_not_exists }) =>
    defnames.length === 0 || if_not_exists === true
      ? undefined
      : `drop statistics ${writeName(nameOfParts(stringsOf(defnames)))}`,
  CreateExtensionStmt: ({ extname = '', if_not_exists }) =>
    if_not_exists === true ? undefined : `drop extension ${quoteName(extname)}`,
  CreatePublicationStmt: ({ pubname = '' }) => `drop publication ${quoteName(pubname)}`,
};

/** @param mayBeOld true for IF NOT EXISTS and OR REPLACE */
function dropNew(
  kind: string,
  range: RangeVar | undefined,
  mayBeOld: boolean | undefined,
): string | undefined {
  return mayBeOld === true ? undefined : `drop ${kind} ${writeName(nameOfRange(range))}`;
}

function dropFromTable(
  kind: string,
  name: string | undefined,
  table: RangeVar | undefined,
): string | undefined {
  return name === undefined
    ? undefined
    : `drop ${kind} ${quoteName(name)} on ${writeName(nameOfRange(table))}`;
}

/** An index lives in the schema of its table; without a name of its own it cannot be told. */
function dropIndex({ idxname, relation, concurrent, if_not_exists }: IndexStmt) {
  if (idxname === undefined || if_not_exists === true) return undefined;
  const name = writeName({ schema: relation?.schemaname, name: idxname });
  return `drop index ${concurrent === true ? 'concurrently ' : ''}${name}`;
}

function dropFunction(node: CreateFunctionStmt): string | undefined {
  if (node.replace === true) return undefined;
  const kind = node.is_procedure === true ? 'procedure' : 'function';
  const name = writeName(nameOfParts(stringsOf(node.funcname)));
  return `drop ${kind} ${name}(${signatureOf(node)})`;
}
