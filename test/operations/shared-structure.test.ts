import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { lowerOn } from '../support/lowered-migration.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const toText = (column: string) =>
  `  - alter_column: { table: seats, column: ${column}, type: text, up: ${column}::text, down: ${column}::int }\n`;

it('refuses two columns that share an index, which would be copied twice', async () => {
  await database
    .pool()
    .query('create table seats (n int, room int); create index n_room on seats (n, room)');
  await expect(lowerOn(database, toText('n') + toText('room'))).rejects.toThrow(
    'are both in the index n_room',
  );
});

it('refuses a column of the replica identity, which would stay with the old one', async () => {
  await database.pool().query(`create table seats (n int not null unique, room int);
    alter table seats replica identity using index seats_n_key`);
  await expect(lowerOn(database, toText('n'))).rejects.toThrow('is part of the replica identity');
});
