import type { AlterDomainStmt, AlterEnumStmt } from 'libpg-query';
import { earlierType } from '../../sql/earlier.ts';
import { nameOfParts, stringsOf, writeName } from '../../sql/sql-name.ts';
import { always, type Examined, inPhases, type Match, type StatementRule } from '../rule.ts';

/** Types that users make, and the tables that use them. */
export const ENUM_AND_DOMAIN_RULES: readonly StatementRule[] = [
  {
    id: 'enum-value-irreversible',
    severity: inPhases('warning', { plain: 'info' }),
    why: 'an enum value cannot be dropped again, so there is no undo but making the type anew and writing every table that uses it anew',
    safer: 'a table of values, or text with a CHECK that is exchanged NOT VALID and validated',
    source: 'Eugene W13; MigrationPilot MP012, MP024, MP054; PostgreSQL documentation, ALTER TYPE',
    find: (examined) =>
      addedValue(examined).map(({ type, value }) => ({
        message: `'${value}' can never be taken out of ${writeName(type)}`,
      })),
  },
  {
    id: 'enum-value-order',
    severity: always('info'),
    why: 'without BEFORE or AFTER the value comes last, and ORDER BY, < and > of the type follow that order',
    safer: 'say BEFORE or AFTER',
    source: 'squawk require-enum-value-ordering',
    find: (examined) =>
      addedValue(examined)
        .filter(({ placed }) => !placed)
        .map(({ type, value }) => ({
          message: `'${value}' becomes the last of ${writeName(type)}`,
        })),
  },
  {
    id: 'domain-constraint-scan',
    severity: always('warning'),
    why: 'a constraint of a domain is checked on every table that uses it, and writes to all of them wait meanwhile (SHARE)',
    safer: 'a CHECK on each table, added NOT VALID and validated in a step of its own',
    source: 'squawk ban-create-domain-with-constraint; MigrationPilot MP043; measured',
    find: domainScan,
  },
];

function addedValue({ statement: { node }, target }: Examined) {
  if (!('AlterEnumStmt' in node)) return [];
  const { typeName, oldVal, newVal = '', newValNeighbor }: AlterEnumStmt = node.AlterEnumStmt;
  const type = nameOfParts(stringsOf(typeName));
  if (oldVal !== undefined || earlierType(target, type) !== undefined) return [];
  return [{ type, value: newVal, placed: newValNeighbor !== undefined }];
}

/** Subtypes of ALTER DOMAIN that read: C adds a constraint, V validates one, O sets NOT NULL. */
function domainScan({ statement: { node }, target, classification }: Examined): readonly Match[] {
  if (!('AlterDomainStmt' in node)) return [];
  const { subtype = '', typeName, def }: AlterDomainStmt = node.AlterDomainStmt;
  const domain = nameOfParts(stringsOf(typeName));
  const notValid =
    def !== undefined && 'Constraint' in def && def.Constraint.skip_validation === true;
  const reads = 'CVO'.includes(subtype) && !notValid;
  if (!reads || earlierType(target, domain) !== undefined) return [];
  const tables = classification.scans.map(({ relation }) => relation);
  if (tables.length === 0 && target.catalog !== undefined) return [];
  if (tables.length === 0)
    return [{ message: `every table that uses ${writeName(domain)} is read` }];
  return tables.map((table) => ({
    message: `every row of ${writeName(table)} is checked while writes to it wait`,
    relation: table,
    work: 'scan',
  }));
}
