import type { Node } from 'libpg-query';
import type { StepId } from '../ids.ts';
import type { Plan } from '../plan/plan.ts';
import type { CatalogView, RelationFacts } from '../sql/catalog.ts';
import type { SqlParser } from '../sql/parser.ts';
import { nameOfRange, quoteName, type SqlName, stringsOf, writeName } from '../sql/sql-name.ts';
import { columnOf } from '../sql/walk.ts';
import type { ConditionKind } from './condition.ts';

/** Whether rows as they are now would fail a step: a query that should find nothing. */
export interface DataQuestion {
  readonly stepId: StepId;
  readonly kind: ConditionKind & ('duplicates' | 'nulls' | 'orphans');
  /** Such as `accounts has several rows with the same (email)`. */
  readonly message: string;
  readonly query: string;
}

/**
 * The questions that a plan's constraints raise about columns that exist already and that no
 * backfill of the plan writes: whatever they hold now, they will hold then.
 */
export function dataQuestions(
  plan: Plan,
  parser: SqlParser,
  catalog: CatalogView,
): readonly DataQuestion[] {
  const filled = new Filled(plan);
  return plan.steps.flatMap((step) => {
    if (step.kind !== 'statement') return [];
    return [step.action.sql, ...(step.action.together ?? [])].flatMap((sql) => {
      const parsed = parser.parse(sql);
      const nodes = parsed.kind === 'parsed' ? parsed.statements.map(({ node }) => node) : [];
      return nodes.flatMap((node) =>
        demandsOf(node).flatMap((demand) => {
          const table = catalog.relation(demand.table);
          if (table === undefined || filled.mayChange(demand)) return [];
          return questionOf(demand, table, step.stepId);
        }),
      );
    });
  });
}

/** What a statement demands of rows that are there. */
type Demand = { readonly table: SqlName; readonly columns: readonly string[] } & (
  | { readonly kind: 'duplicates' | 'nulls' }
  | {
      readonly kind: 'orphans';
      readonly references: SqlName;
      readonly referenced: readonly string[];
    }
);

function demandsOf(node: Node): readonly Demand[] {
  if ('IndexStmt' in node) {
    const { unique, relation, indexParams = [], whereClause, nulls_not_distinct } = node.IndexStmt;
    if (unique !== true || whereClause !== undefined || nulls_not_distinct === true) return [];
    const names = indexParams.flatMap((each) =>
      'IndexElem' in each ? [each.IndexElem.name ?? ''] : [],
    );
    return [{ kind: 'duplicates', table: nameOfRange(relation), columns: names }];
  }
  if (!('AlterTableStmt' in node)) return [];
  const table = nameOfRange(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((command): readonly Demand[] => {
    if (!('AlterTableCmd' in command)) return [];
    const { subtype, name, def } = command.AlterTableCmd;
    if (subtype === 'AT_SetNotNull') return [{ kind: 'nulls', table, columns: [name ?? ''] }];
    if (subtype !== 'AT_AddConstraint' || def === undefined || !('Constraint' in def)) return [];
    const { contype, keys, fk_attrs, pk_attrs, pktable, raw_expr, indexname } = def.Constraint;
    switch (contype) {
      case 'CONSTR_UNIQUE':
      case 'CONSTR_PRIMARY':
        return indexname === undefined
          ? [{ kind: 'duplicates', table, columns: stringsOf(keys) }]
          : [];
      case 'CONSTR_FOREIGN':
        return [
          {
            kind: 'orphans',
            table,
            columns: stringsOf(fk_attrs),
            references: nameOfRange(pktable),
            referenced: stringsOf(pk_attrs),
          },
        ];
      case 'CONSTR_CHECK': {
        const column =
          raw_expr !== undefined &&
          'NullTest' in raw_expr &&
          raw_expr.NullTest.nulltesttype === 'IS_NOT_NULL'
            ? columnOf(raw_expr.NullTest.arg)
            : undefined;
        return column === undefined ? [] : [{ kind: 'nulls', table, columns: [column] }];
      }
      default:
        return [];
    }
  });
}

function questionOf(demand: Demand, table: RelationFacts, stepId: StepId): readonly DataQuestion[] {
  const exists = (name: string) => table.columns.some((column) => column.name === name);
  if (demand.columns.length === 0 || !demand.columns.every(exists)) return [];
  const name = writeName(demand.table);
  const columns = demand.columns.map(quoteName);
  const list = `(${columns.join(', ')})`;
  const present = columns.map((column) => `t.${column} is not null`).join(' and ');
  switch (demand.kind) {
    case 'duplicates':
      return [
        {
          stepId,
          kind: 'duplicates',
          message: `${name} has several rows with the same ${list}`,
          query: `select ${columns.join(', ')} from ${name} t where ${present} group by ${columns.join(', ')} having count(*) > 1 limit 1`,
        },
      ];
    case 'nulls': {
      const known = table.columns.find((column) => column.name === demand.columns[0])?.notNull;
      if (known === true) return [];
      return [
        {
          stepId,
          kind: 'nulls',
          message: `${name} has rows in which ${columns.join(', ')} is NULL`,
          query: `select 1 from ${name} t where t.${columns[0]} is null limit 1`,
        },
      ];
    }
    case 'orphans': {
      // Without names it is the primary key, which the catalog would have to be asked for.
      if (demand.referenced.length !== columns.length) return [];
      const match = demand.referenced
        .map((column, index) => `r.${quoteName(column)} = t.${columns[index]}`)
        .join(' and ');
      return [
        {
          stepId,
          kind: 'orphans',
          message: `${name} has rows whose ${list} is not in ${writeName(demand.references)}`,
          query: `select 1 from ${name} t where ${present} and not exists (select 1 from ${writeName(demand.references)} r where ${match}) limit 1`,
        },
      ];
    }
  }
}

/** What the plan itself writes before its constraints are made. */
class Filled {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  mayChange({ table, columns }: Demand): boolean {
    return this.#plan.steps.some((step) => {
      if (step.kind !== 'backfill') return false;
      // SQL of the author's own may write any table.
      if (step.work.kind === 'sql') return true;
      const set = Object.keys(step.work.set).map((name) => name.replace(/^"|"$/g, ''));
      return step.table.name === table.name && columns.some((column) => set.includes(column));
    });
  }
}
