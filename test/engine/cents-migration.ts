/** Orders whose amounts are to be counted in cents. */
export const ordersInAmounts = (rows: number) =>
  `create table orders (id bigint primary key, amount numeric not null);
   insert into orders select i, i / 4.0 from generate_series(1, ${rows}) i;
   analyze orders`;

const ROUNDED = `set: {cents: 'round(amount * 100)'}
    where: cents is null`;

/**
 * The migration.yaml.
 * @param more follows the backfill: settings of it, indented, or of the migration
 * @param fill what the backfill sets, and where
 */
export const countInCents = (more = '', fill = ROUNDED) => `version: 1
title: Count in cents
expand:
  - id: add_cents
    sql: alter table orders add column cents bigint
    undo: alter table orders drop column cents
backfill:
  - id: fill_cents
    table: orders
    ${fill}
${more}
contract:
  - id: hide_amount
    sql: alter table orders rename column amount to amount_retired
    undo: alter table orders rename column amount_retired to amount
`;
