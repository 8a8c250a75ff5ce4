import type { Plan } from '../plan/plan.ts';
import type { SqlParser } from '../sql/parser.ts';
import { nameOfParts, stringsOf } from '../sql/sql-name.ts';
import { nodesNamed } from '../sql/walk.ts';
import { type Condition, refuse } from './condition.ts';

/** An extension that a plan creates, or that has something which it names. */
export interface ExtensionNeed {
  readonly extension: string;
  /** Undefined: the plan creates the extension. */
  readonly for: NamedPart | undefined;
}

/** Something that comes with an extension, and might also be of the user's own making. */
export interface NamedPart {
  readonly kind: 'type' | 'function' | 'operator class';
  readonly name: string;
}

/** What the server says about one extension. */
export interface ExtensionState {
  readonly extension: string;
  readonly installed: boolean;
  /** Whether its files are there (on RDS: whether the engine's version supports it). */
  readonly available: boolean;
  /** Whether our role may create it. */
  readonly allowed: boolean;
  /** Those of the named parts that exist, from whichever origin. */
  readonly existing: readonly string[];
}

/** From the documentation of each extension; names that no other well-known extension has. */
const PARTS: Readonly<Record<NamedPart['kind'], Readonly<Record<string, readonly string[]>>>> = {
  type: {
    citext: ['citext'],
    hstore: ['hstore'],
    ltree: ['ltree', 'lquery', 'ltxtquery'],
    postgis: ['geometry', 'geography'],
    vector: ['vector', 'halfvec', 'sparsevec'],
  },
  function: {
    'uuid-ossp': ['uuid_generate_v1', 'uuid_generate_v1mc', 'uuid_generate_v4'],
    pgcrypto: ['crypt', 'gen_salt', 'gen_random_bytes', 'pgp_sym_encrypt', 'pgp_sym_decrypt'],
    unaccent: ['unaccent'],
    pg_trgm: ['similarity', 'word_similarity'],
  },
  'operator class': {
    pg_trgm: ['gin_trgm_ops', 'gist_trgm_ops'],
    btree_gist: ['gist_int4_ops', 'gist_int8_ops', 'gist_text_ops', 'gist_uuid_ops'],
    vector: ['vector_l2_ops', 'vector_cosine_ops', 'vector_ip_ops'],
  },
};

/** What a plan needs besides the server itself; what it creates before it is needed is left out. */
export function extensionNeeds(plan: Plan, parser: SqlParser): readonly ExtensionNeed[] {
  const needs: ExtensionNeed[] = [];
  const created = new Set<string>();
  for (const step of plan.steps) {
    if (step.kind !== 'statement') continue;
    for (const sql of [step.action.sql, ...(step.action.together ?? [])]) {
      const parsed = parser.parse(sql);
      if (parsed.kind !== 'parsed') continue;
      for (const { node } of parsed.statements) {
        if ('CreateExtensionStmt' in node) {
          const { extname = '' } = node.CreateExtensionStmt;
          created.add(extname);
          needs.push({ extension: extname, for: undefined });
        }
        needs.push(...partsIn(node).filter(({ extension }) => !created.has(extension)));
      }
    }
  }
  return needs;
}

function partsIn(node: unknown): readonly ExtensionNeed[] {
  const last = (words: readonly string[]) => nameOfParts(words).name;
  const found: readonly NamedPart[] = [
    ...nodesNamed(node, 'TypeName').map(({ names }) => part('type', last(stringsOf(names)))),
    ...nodesNamed(node, 'ColumnDef').map(({ typeName }) =>
      part('type', last(stringsOf(typeName?.names))),
    ),
    ...nodesNamed(node, 'FuncCall').map(({ funcname }) =>
      part('function', last(stringsOf(funcname))),
    ),
    ...nodesNamed(node, 'IndexElem').map(({ opclass }) =>
      part('operator class', last(stringsOf(opclass))),
    ),
  ];
  return found.flatMap((each) => {
    const owner = Object.entries(PARTS[each.kind]).find(([, names]) => names.includes(each.name));
    return owner === undefined ? [] : [{ extension: owner[0], for: each }];
  });
}

function part(kind: NamedPart['kind'], name: string): NamedPart {
  return { kind, name };
}

/** Each reason for which an extension makes a step fail, once. */
export function judgeExtensions(
  needs: readonly ExtensionNeed[],
  states: readonly ExtensionState[],
): readonly Condition[] {
  const said = new Map<string, Condition>();
  for (const need of needs) {
    const state = states.find(({ extension }) => extension === need.extension);
    const condition = state && judge(need, state);
    if (condition !== undefined) said.set(condition.message, condition);
  }
  return [...said.values()];
}

function judge(need: ExtensionNeed, state: ExtensionState): Condition | undefined {
  const { extension, installed, available, allowed, existing } = state;
  if (installed) return undefined;
  if (need.for !== undefined) {
    const { kind, name } = need.for;
    if (existing.includes(name)) return undefined;
    const fix = available
      ? `let an earlier step say: create extension ${extension}`
      : `the server does not offer ${extension}; do without it`;
    const what = `the ${kind} ${name} does not exist: the extension ${extension} has it and is not installed`;
    return refuse('extension', what, fix);
  }
  if (!available) {
    return refuse(
      'extension',
      `the extension ${extension} is not available on this server`,
      'see pg_available_extensions (on RDS: the extensions that this version of the engine supports)',
    );
  }
  return allowed
    ? undefined
    : refuse(
        'extension',
        `our role may not create the extension ${extension}`,
        'let a superuser (on RDS: a member of rds_superuser) create it',
      );
}
