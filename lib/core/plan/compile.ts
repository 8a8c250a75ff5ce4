import type { TargetActivity } from '../hazards/table-size.ts';
import type { Fingerprint, StepId } from '../ids.ts';
import type {
  DeclaredBackfill,
  DeclaredCheck,
  DeclaredStatement,
  Migration,
  SourceLocation,
} from '../migration/migration.ts';
import type { Parsed, Problem } from '../migration/problem.ts';
import { type CatalogView, type ClassifyContext, NOTHING_EARLIER } from '../sql/catalog.ts';
import { afterStatement } from '../sql/earlier.ts';
import { namedObjects } from '../sql/named-objects.ts';
import type { SqlParser } from '../sql/parser.ts';
import { type SqlName, sameName } from '../sql/sql-name.ts';
import { isRepeatable } from './asked-again.ts';
import {
  type CatalogChange,
  catalogChanges,
  changedCatalog,
  isElsewhere,
  makes,
} from './changed-catalog.ts';
import { compileAction, type StatementGroup } from './compile-action.ts';
import { parityOf, takesAway } from './parity-of.ts';
import type {
  Action,
  BackfillStep,
  CheckStep,
  KeyColumn,
  Phase,
  Plan,
  Step,
  TableName,
  Undo,
} from './plan.ts';
import { type ExaminedStep, planFindings } from './plan-findings.ts';
import { NEWEST_PLAN_FORMAT } from './plan-format.ts';
import { WAYS_BACK } from './way-back.ts';

/** What is asked of the live target before a plan can be made of a migration. */
export interface TargetFacts {
  /** Major version. */
  readonly serverVersion: number;
  readonly timeZoneUtc: boolean;
  readonly fingerprint: Fingerprint;
  /** Undefined: nothing is known of what exists, and every answer is the careful one. */
  readonly catalog: CatalogView | undefined;
  /** For each backfill, the table it walks. */
  readonly backfills: ReadonlyMap<StepId, BackfillTable>;
  /** What the server counted. @default nothing is known */
  readonly activity?: TargetActivity;
}

export type BackfillTable =
  | {
      readonly kind: 'walkable';
      readonly table: TableName;
      readonly key: readonly KeyColumn[];
      readonly estimatedRows: number;
    }
  /** No such table, or no key to walk; why, in plain words. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Turns a declared migration into concrete steps for one target. Pure: the same migration and the
 * same facts always give the same plan, and so the same hash.
 */
export function compilePlan(
  migration: Migration,
  facts: TargetFacts,
  parser: SqlParser,
): Parsed<Plan> {
  const compiler = new Compiler(facts, parser);
  const steps: readonly (Step | undefined)[] = [
    ...migration.assertions.map((check) => toCheck(check, 'assertion')),
    ...compiler.statements(migration.expand, 'expand'),
    ...migration.backfill.map((backfill) => compiler.backfill(backfill, takesAway(migration))),
    ...migration.validate.map((entry) =>
      entry.kind === 'check' ? toCheck(entry, 'migrate') : compiler.statement(entry, 'migrate'),
    ),
    ...compiler.statements(migration.contract, 'contract'),
    ...compiler.statements(migration.finalize, 'finalize'),
  ];
  const findings = planFindings(compiler.examined.map(({ examined }) => examined));
  const findingsOf = (stepId: StepId) =>
    compiler.examined.flatMap((each, index) =>
      each.stepId === stepId ? (findings[index] ?? []) : [],
    );
  if (compiler.problems.length > 0) return { kind: 'invalid', problems: compiler.problems };
  return {
    kind: 'parsed',
    value: {
      formatVersion: NEWEST_PLAN_FORMAT,
      migrationId: migration.migrationId,
      title: migration.title,
      checksum: migration.checksum,
      serverVersion: facts.serverVersion,
      fingerprint: facts.fingerprint,
      steps: steps
        .filter((step) => step !== undefined)
        .map((step) =>
          step.kind === 'statement' ? { ...step, findings: findingsOf(step.stepId) } : step,
        ),
      gates: migration.gates,
      snapshots: {
        beforeExpand: migration.snapshots.beforeExpand,
        beforeContract: migration.snapshots.beforeContract,
      },
      windows: migration.windows,
    },
  };
}

function toCheck(check: DeclaredCheck, phase: CheckStep['phase']): CheckStep {
  const { stepId, query, expect } = check;
  return { kind: 'check', stepId, phase, query, expect };
}

class Compiler {
  readonly problems: Problem[] = [];
  readonly examined: { readonly stepId: StepId; readonly examined: ExaminedStep }[] = [];
  readonly #facts: TargetFacts;
  readonly #parser: SqlParser;
  /**
   * What expand made is used by nobody until it is deployed, so later expand steps on it harm
   * nobody. After the deploy gate it is in use like everything else.
   */
  #expandContext: ClassifyContext;
  /** What the statements before make of what is in use. */
  readonly #changes: CatalogChange[] = [];

  constructor(facts: TargetFacts, parser: SqlParser) {
    this.#facts = facts;
    this.#parser = parser;
    this.#expandContext = this.#contextWith(facts.catalog);
  }

  statements(declared: readonly DeclaredStatement[], phase: Phase): readonly (Step | undefined)[] {
    return declared.map((statement) => this.statement(statement, phase));
  }

  statement(declared: DeclaredStatement, phase: Phase): Step | undefined {
    const context = phase === 'expand' ? this.#expandContext : this.#inUse(textOf(declared));
    const action = compileAction(declared, context);
    if (action.kind === 'refused') return this.#refuse(declared.location, declared.sql, action.why);
    const { allowed = [], stepId } = declared;
    const { activity } = this.#facts;
    for (const { statement, classification, context: target } of action.examined) {
      this.examined.push({
        stepId,
        examined: {
          statement,
          classification,
          phase,
          target,
          allowed,
          ...(activity !== undefined && { activity }),
        },
      });
      if (phase === 'expand') {
        this.#expandContext = afterStatement(target, statement, classification);
      }
      this.#changes.push(...catalogChanges(classification));
    }
    const undo = this.#undo(declared);
    if (undo === undefined) return undefined;
    return {
      kind: 'statement',
      stepId,
      phase,
      action: action.action,
      findings: [],
      undo: withReferencedTables(undo, action.action),
      wayBack: WAYS_BACK[phase],
    };
  }

  /** @param isProof whether the migration takes something away, which needs the proof of parity */
  backfill(declared: DeclaredBackfill, isProof: boolean): BackfillStep | undefined {
    const found = this.#facts.backfills.get(declared.stepId);
    if (found?.kind !== 'walkable') {
      return this.#refuse(declared.location, declared.table, found?.why ?? 'it was not looked up');
    }
    const undo = this.#undo(declared);
    if (undo === undefined) return undefined;
    const context = this.#contextWith(this.#facts.catalog);
    const parity = parityOf(declared, isProof, context);
    return {
      kind: 'backfill',
      stepId: declared.stepId,
      phase: 'migrate',
      table: found.table,
      key: found.key,
      work: declared.work,
      pacing: declared.pacing,
      ...(isRepeatable(declared.work, context) && { repeatable: true }),
      ...(parity !== undefined && { parity }),
      estimatedRows: found.estimatedRows,
      undo,
      wayBack: WAYS_BACK.migrate,
    };
  }

  #undo(declared: DeclaredStatement | DeclaredBackfill): Undo | undefined {
    if (declared.undo.kind !== 'statement') return declared.undo;
    // By the time it is undone, what expand made may be in use.
    const compiled = compileAction(declared.undo, this.#inUse(textOf(declared.undo)));
    if (compiled.kind === 'refused') {
      return this.#refuse(declared.location, declared.undo.sql, `its undo: ${compiled.why}`);
    }
    return { kind: 'statement', action: compiled.action };
  }

  /**
   * The context of a statement that meets what is in use. What expand makes is not in the catalog
   * yet, which would pass it off as missing, so that a statement about it gets the careful answers.
   */
  #inUse(sql: string): ClassifyContext {
    const { catalog } = this.#facts;
    const made = this.#expandContext.earlier.relations;
    const parsed = this.#parser.parse(sql);
    const named =
      parsed.kind === 'parsed'
        ? namedObjects(parsed.statements.map(({ node }) => node)).relations
        : [];
    const known = catalog && changedCatalog(catalog, this.#changes);
    const isMade = (name: SqlName) =>
      made.some((each) => sameName(each, name) && !isElsewhere(each, name, known)) &&
      !this.#changes.some((change) => makes(change, name));
    return this.#contextWith(named.some(isMade) ? undefined : known);
  }

  #contextWith(catalog: CatalogView | undefined): ClassifyContext {
    return {
      parser: this.#parser,
      serverVersion: this.#facts.serverVersion,
      timeZoneUtc: this.#facts.timeZoneUtc,
      catalog,
      earlier: NOTHING_EARLIER,
    };
  }

  #refuse(location: SourceLocation, value: string, why: string): undefined {
    this.problems.push({ rule: 'not-plannable', location, message: `${why}: ${firstLine(value)}` });
    return undefined;
  }
}

/**
 * A foreign key that expand makes is not in the catalog. Making it takes SHARE ROW EXCLUSIVE on the
 * table that it points to; dropping it, alone or with its table, takes ACCESS EXCLUSIVE there.
 */
function withReferencedTables(undo: Undo, made: Action): Undo {
  if (undo.kind !== 'statement') return undo;
  const known = new Set(undo.action.locks.map(({ relation }) => relation));
  const others = made.locks
    .filter(({ relation, mode }) => mode === 'ShareRowExclusiveLock' && !known.has(relation))
    .map(({ relation }) => ({ relation, mode: 'AccessExclusiveLock' as const }));
  if (others.length === 0) return undo;
  return {
    kind: 'statement',
    action: { ...undo.action, locks: [...undo.action.locks, ...others] },
  };
}

/** All statements of a step. */
function textOf({ sql, together = [] }: StatementGroup): string {
  return [sql, ...together].join(';\n');
}

function firstLine(sql: string): string {
  const line = sql.trim().split('\n')[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
