import type pg from 'pg';

/**
 * What the applications wrote last, row by row, kept by triggers in the very transactions that
 * wrote it. So it is true of a commit whose answer was lost, too, and the migration, whose sessions
 * are not listened to, cannot bend it. Sessions of the migration that update invoices are counted:
 * each row may be moved once.
 */
export const WITNESS_STATEMENTS: readonly string[] = [
  'create schema witness authorization app_owner',
  'create table witness.truth (kind text, id bigint, value text, primary key (kind, id))',
  'create table witness.moves (id bigint not null)',
  'alter table witness.truth owner to app_owner',
  'alter table witness.moves owner to app_owner',
  `create function witness.keep() returns trigger language plpgsql as $$
   declare
     now_row jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
     row_id bigint := coalesce(now_row->>'id', now_row->>'account_id')::bigint;
   begin
     if current_setting('application_name') not like 'app-%' then
       if tg_table_name = 'invoices' and tg_op = 'UPDATE' then
         insert into witness.moves values (row_id);
       end if;
       return null;
     end if;
     if tg_op = 'DELETE' then
       delete from witness.truth where id = row_id and kind = any (case tg_table_name
         when 'invoices' then array['invoice'] when 'accounts' then array['plan', 'payer']
         else array[]::text[] end);
       return null;
     end if;
     insert into witness.truth as t
     select kind, row_id, value from (values
       ('invoice', case when tg_table_name = 'invoices' then concat_ws('|',
         coalesce((now_row->>'amount_cents')::bigint, (coalesce(now_row->>'amount',
           now_row->>'amount_lk_old')::numeric * 100)::bigint), now_row->>'status') end),
       ('plan', coalesce(now_row->>'plan', now_row->>'plan_lk_old')),
       ('payer', case tg_table_name
         when 'accounts' then nullif(coalesce(now_row->>'billing_email',
           now_row->>'billing_email_lk_old'), '') || '|' || coalesce(now_row->>'card_token',
           now_row->>'card_token_lk_old', '')
         when 'billing_accounts' then (now_row->>'email') || '|' || coalesce(now_row->>'card_token', '')
         end)
     ) said (kind, value) where value is not null
     on conflict (kind, id) do update set value = excluded.value;
     return null;
   end $$`,
  `create function witness.follow() returns event_trigger language plpgsql as $$
   declare made record;
   begin
     for made in select object_identity as name from pg_event_trigger_ddl_commands()
       where command_tag = 'CREATE TABLE'
         and object_identity in ('public.subscriptions', 'public.billing_accounts')
     loop
       execute format('create trigger zz_witness after insert or update on %s
         for each row execute function witness.keep()', made.name);
     end loop;
   end $$`,
  `create event trigger witness_follows on ddl_command_end when tag in ('CREATE TABLE')
   execute function witness.follow()`,
  ...['accounts', 'invoices'].map(
    (table) => `create trigger zz_witness after insert or update or delete on ${table}
                for each row execute function witness.keep()`,
  ),
  `insert into witness.truth
   select 'invoice', id, concat_ws('|', (amount * 100)::bigint, status) from invoices
   union all select 'plan', id, plan from accounts
   union all select 'payer', id, billing_email || '|' || coalesce(card_token, '') from accounts`,
];

const OLD_SHAPE = `
  select 'invoice' as kind, id, concat_ws('|', (amount * 100)::bigint, status) as value from invoices
  union all select 'plan', id, plan from accounts
  union all select 'payer', id, billing_email || '|' || coalesce(card_token, '') from accounts`;

const NEW_SHAPE = `
  select 'invoice' as kind, id, concat_ws('|', amount_cents, status) as value from invoices
  union all select 'plan', account_id, plan from subscriptions
  union all select 'payer', s.account_id, b.email || '|' || coalesce(b.card_token, '')
    from subscriptions s join billing_accounts b on b.id = s.billing_account_id`;

/** What the tables say against what was written; equal checksums mean equal rows. */
export interface Testimony {
  readonly rows: number;
  readonly checksum: string;
  readonly expectedChecksum: string;
  /** The first row that differs, with both values. */
  readonly difference: string | undefined;
  readonly movedTwice: number;
}

/** @param shape of the schema that the migration left behind */
export async function testimony(pool: pg.Pool, shape: 'old' | 'new'): Promise<Testimony> {
  const found = shape === 'old' ? OLD_SHAPE : NEW_SHAPE;
  const sumOf = (rows: string) =>
    `(select md5(string_agg(concat_ws(':', kind, id, value), E'\\n' order by kind, id)) from (${rows}) r)`;
  const { rows } = await pool.query<{ rows: number; checksum: string; expected: string }>(
    `select (select count(*)::int from witness.truth) as rows, ${sumOf(found)} as checksum,
            ${sumOf('select * from witness.truth')} as expected`,
  );
  const { rows: differences } = await pool.query<{ difference: string }>(
    `select concat_ws(' ', coalesce(f.kind, t.kind), coalesce(f.id, t.id), 'is', f.value, 'not', t.value)
       as difference
     from (${found}) f full join witness.truth t using (kind, id)
     where f.value is distinct from t.value limit 1`,
  );
  const { rows: moves } = await pool.query<{ twice: number }>(
    'select (count(*) - count(distinct id))::int as twice from witness.moves',
  );
  return {
    rows: rows[0]?.rows ?? 0,
    checksum: rows[0]?.checksum ?? '',
    expectedChecksum: rows[0]?.expected ?? '',
    difference: differences[0]?.difference,
    movedTwice: moves[0]?.twice ?? 0,
  };
}
