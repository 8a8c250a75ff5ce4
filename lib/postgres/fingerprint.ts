import type { Fingerprint } from '../core/ids.ts';
import type { Session } from '../ports/database.ts';

/**
 * The picture of a schema: one line for everything a migration could change, and a hash over them.
 * Left out: our own ledger, system schemas, objects that belong to an extension, and what changes
 * without DDL (statistics, sequence values, storage). Column positions count live columns only, so
 * a column that was added and dropped again leaves no trace, as PostgreSQL's own dump sees it.
 */
export const PICTURE_LINES = `
with schemas as (
  select oid, nspname from pg_namespace
  where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'lockkeeper')
), owned as (
  select classid, objid from pg_depend where deptype = 'e'
), relations as (
  select c.oid, c.relkind, c.relname, s.nspname, c.relpersistence, c.relrowsecurity,
         c.relforcerowsecurity, c.reloptions, c.relreplident, c.relispartition, c.relpartbound,
         c.relacl, format('%I.%I', s.nspname, c.relname) as name
  from pg_class c join schemas s on s.oid = c.relnamespace
  where not exists (select from owned o where o.classid = 'pg_class'::regclass and o.objid = c.oid)
), lines(kind, name, definition) as (
  select 'schema', quote_ident(nspname), '' from schemas
  union all
  select 'relation', name, concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity,
         relreplident, reloptions::text, relacl::text, pg_get_expr(relpartbound, oid),
         case when relkind in ('v', 'm') then pg_get_viewdef(oid) end)
  from relations where relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
  union all
  select 'column', r.name || '.' || quote_ident(a.attname),
         concat_ws(' ', row_number() over (partition by a.attrelid order by a.attnum),
           format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
           'default ' || pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity, ''),
           nullif(a.attgenerated, ''),
           case when a.attcollation <> t.typcollation then a.attcollation::regcollation::text end,
           a.attacl::text)
  from relations r join pg_attribute a on a.attrelid = r.oid
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where r.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and a.attnum > 0 and not a.attisdropped
  union all
  select 'constraint', r.name || '.' || quote_ident(k.conname),
         concat_ws(' ', pg_get_constraintdef(k.oid), case when not k.convalidated then 'not validated' end)
  from relations r join pg_constraint k on k.conrelid = r.oid
  union all
  select 'index', r.name,
         concat_ws(' ', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end,
           case when i.indisreplident then 'replica identity' end, case when i.indisclustered then 'clustered' end)
  from relations r join pg_index i on i.indexrelid = r.oid
  union all
  select 'trigger', r.name || '.' || quote_ident(g.tgname), pg_get_triggerdef(g.oid) || ' ' || g.tgenabled::text
  from relations r join pg_trigger g on g.tgrelid = r.oid where not g.tgisinternal
  union all
  select 'policy', r.name || '.' || quote_ident(p.polname),
         concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, p.polrelid),
           pg_get_expr(p.polwithcheck, p.polrelid))
  from relations r join pg_policy p on p.polrelid = r.oid
  union all
  select 'rule', r.name || '.' || quote_ident(w.rulename), pg_get_ruledef(w.oid)
  from relations r join pg_rewrite w on w.ev_class = r.oid where w.rulename <> '_RETURN'
  union all
  select 'sequence', r.name, concat_ws(' ', q.seqtypid::regtype, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache, q.seqcycle)
  from relations r join pg_sequence q on q.seqrelid = r.oid
  union all
  select 'function', format('%I.%I(%s)', s.nspname, f.proname, pg_get_function_identity_arguments(f.oid)),
         concat_ws(' ', case when f.prokind in ('f', 'p', 'w') then pg_get_functiondef(f.oid) else f.prosrc end, f.proacl::text)
  from pg_proc f join schemas s on s.oid = f.pronamespace
  where not exists (select from owned o where o.classid = 'pg_proc'::regclass and o.objid = f.oid)
  union all
  select 'type', format('%I.%I', s.nspname, t.typname),
         concat_ws(' ', t.typtype, case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) end,
           case when t.typnotnull then 'not null' end, t.typdefault,
           (select string_agg(quote_literal(e.enumlabel), ',' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
           (select string_agg(pg_get_constraintdef(k.oid), ',' order by k.conname) from pg_constraint k where k.contypid = t.oid))
  from pg_type t join schemas s on s.oid = t.typnamespace
  where t.typtype in ('d', 'e', 'r')
    and not exists (select from owned o where o.classid = 'pg_type'::regclass and o.objid = t.oid)
  union all
  select 'extension', quote_ident(extname), extversion from pg_extension
)
select kind, name, coalesce(definition, '') as definition from lines`;

/**
 * The hash of the lines of a relation `picture`. The separator cannot occur in a name or definition
 * (U+001F is never printed by the catalog functions), so two different pictures cannot give the
 * same text.
 */
export const PICTURE_HASH = `encode(sha256(convert_to(coalesce(string_agg(
       kind || E'\\x1f' || name || E'\\x1f' || definition, E'\\x1e' order by kind, name, definition), ''), 'UTF8')), 'hex')`;

/** The hash, computed inside the database so that no result limit applies. */
export async function fingerprint(session: Session): Promise<Fingerprint> {
  const [row] = await session.query(
    `select ${PICTURE_HASH} as hash from (${PICTURE_LINES}) picture`,
  );
  return row?.['hash'] as Fingerprint;
}

export interface FingerprintLine {
  readonly kind: string;
  readonly name: string;
  readonly definition: string;
}

/** The lines behind the hash, to show what differs; sorted by kind, name and definition. */
export async function fingerprintLines(session: Session): Promise<readonly FingerprintLine[]> {
  const rows = await session.query(
    `select kind::text, name::text, definition::text from (${PICTURE_LINES}) picture order by kind, name, definition`,
  );
  return rows.map((row) => ({
    kind: String(row['kind']),
    name: String(row['name']),
    definition: String(row['definition']),
  }));
}
