import type { AlterDomainStmt, AlterEnumStmt } from 'libpg-query';
import type { ClassifyContext } from '../catalog.ts';
import { change, type Effect, lock, type StatementEffect, touched } from '../effect.ts';
import { nameOfParts, nameOfRange, type SqlName, stringsOf } from '../sql-name.ts';
import type { Rules } from './rule.ts';

/** Types that users make, and what changing them does to the tables that use them. */
export const DOMAIN_AND_TYPE_RULES: Rules = {
  CreateDomainStmt: ({ domainname }) => ({
    statementKind: 'create-domain',
    objects: [change('create', 'domain', nameOfParts(stringsOf(domainname)))],
  }),
  CreateEnumStmt: ({ typeName }) => createType(nameOfParts(stringsOf(typeName))),
  CreateRangeStmt: ({ typeName }) => createType(nameOfParts(stringsOf(typeName))),
  CompositeTypeStmt: ({ typevar }) => createType(nameOfRange(typevar)),
  AlterDomainStmt: alterDomain,
  AlterEnumStmt: alterEnum,
};

function createType(name: SqlName): StatementEffect {
  return { statementKind: 'create-type', objects: [change('create', 'type', name)] };
}

/** Subtypes: C adds a constraint, V validates one, O sets and N drops NOT NULL, X drops one, T sets the default. */
function alterDomain(node: AlterDomainStmt, context: ClassifyContext): StatementEffect {
  const domain = nameOfParts(stringsOf(node.typeName));
  const effect: StatementEffect = {
    statementKind: 'alter-domain',
    objects: [change('alter', 'domain', domain)],
  };
  const { def } = node;
  const notValid =
    def !== undefined && 'Constraint' in def && def.Constraint.skip_validation === true;
  switch (node.subtype) {
    case 'C':
      return notValid ? effect : { ...effect, ...usersRead(domain, context) };
    case 'V':
    case 'O':
      return { ...effect, ...usersRead(domain, context) };
    case 'X':
      return {
        ...effect,
        destructive: [
          {
            kind: 'drop',
            what: `constraint ${node.name ?? ''} of domain ${domain.name}`,
            cascade: false,
          },
        ],
      };
    default:
      return effect;
  }
}

/** Every table with a column of the domain is read under SHARE. */
function usersRead(domain: SqlName, context: ClassifyContext): Effect {
  const facts = context.catalog?.type(domain);
  const why = `it has a column of domain ${domain.name}`;
  return {
    locks: (facts?.usedBy ?? []).map((table) => lock(table, 'ShareLock', why)),
    scans: (facts?.usedBy ?? []).map((table) => touched(table, why)),
    // Not knowing who uses it, it could be anybody: fail closed.
    opaque: facts === undefined && context.catalog === undefined,
    mayLockMore: facts === undefined,
  };
}

function alterEnum(node: AlterEnumStmt): StatementEffect {
  const type = nameOfParts(stringsOf(node.typeName));
  const what = { ...type, table: undefined };
  if (node.oldVal === undefined) {
    return {
      statementKind: 'alter-type-add-value',
      objects: [change('alter', 'type', what)],
    };
  }
  return {
    statementKind: 'alter-type-rename-value',
    objects: [
      change('rename', 'enum-value', {
        schema: type.schema,
        name: node.oldVal,
        table: type,
        newName: node.newVal,
      }),
    ],
    breaks: `queries that name the value '${node.oldVal}' fail`,
  };
}
