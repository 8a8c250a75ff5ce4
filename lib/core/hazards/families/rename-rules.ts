import type { Classification, ObjectKind } from '../../sql/classification.ts';
import { isEarlier } from '../../sql/earlier.ts';
import { type Examined, inPhases, type StatementRule } from '../rule.ts';

/** An error while the old application runs; in contract a rename is the tombstone that can come back. */
const SEVERITY = inPhases('error', { contract: 'silent', finalize: 'silent' });

/** What is called differently is gone for whoever uses the old name. */
export const RENAME_RULES: readonly StatementRule[] = [
  renaming({
    id: 'rename-column',
    kinds: ['column'],
    why: 'queries of the running application that name the column fail from one moment to the next',
    safer:
      'the new column beside the old one, both kept in sync; contract renames the old one away',
    source:
      'strong_migrations rename_column; squawk renaming-column; Atlas BC102; MigrationPilot MP010, MP028, MP060, MP098',
  }),
  renaming({
    id: 'rename-table',
    kinds: ['table', 'view', 'materialized-view', 'sequence'],
    why: 'queries of the running application that name it fail from one moment to the next',
    safer:
      'rename it and create a view with the old name in one transaction, which simple reads and writes go through',
    source:
      'strong_migrations rename_table; squawk renaming-table; Atlas BC101; MigrationPilot MP010, MP028, MP060, MP098',
  }),
  renaming({
    id: 'rename-object',
    kinds: ['schema', 'type', 'domain', 'function', 'procedure', 'aggregate', 'role', 'database'],
    why: 'whatever names it in the running application or in function bodies fails',
    safer: 'the new one beside the old one; the old one is dropped in finalize',
    source: 'strong_migrations rename_schema; MigrationPilot MP010, MP028, MP060, MP098',
  }),
  renaming({
    id: 'rename-enum-value',
    kinds: ['enum-value'],
    why: 'the running application keeps writing the old value, which the type no longer knows',
    safer: 'add the new value, backfill, and leave the old one unused',
    source: 'MigrationPilot MP010, MP028, MP060, MP098; PostgreSQL documentation, ALTER TYPE',
  }),
  {
    id: 'set-schema',
    severity: SEVERITY,
    why: 'the running application looks for it in its former schema',
    safer: 'move it, and leave a view with the old name behind, in one transaction',
    source: 'MigrationPilot MP010, MP028, MP060, MP098; PostgreSQL documentation, ALTER TABLE',
    find: ({ classification }) =>
      classification.statementKind === 'set-schema' &&
      classification.breaksOldApplication !== undefined
        ? [{ message: classification.breaksOldApplication }]
        : [],
  },
];

type RenameRule = Omit<StatementRule, 'find' | 'severity'> & {
  readonly kinds: readonly ObjectKind[];
};

function renaming({ kinds, ...facts }: RenameRule): StatementRule {
  return {
    ...facts,
    severity: SEVERITY,
    find: (examined) =>
      renamed(examined)
        .filter(({ kind }) => kinds.includes(kind))
        .map(({ kind, name = '', newName = '', table }) => ({
          message: `${kind} ${name} is called ${newName} from one moment to the next`,
          relation: table,
        })),
  };
}

function renamed({ classification, target }: Examined): Classification['objects'] {
  return classification.objects.filter(
    ({ change, table, schema, name = '' }) =>
      change === 'rename' && !isEarlier(target, table ?? { schema, name }),
  );
}
