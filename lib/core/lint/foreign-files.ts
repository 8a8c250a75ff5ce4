import type { TransactionMode } from '../hazards/transactions.ts';

/**
 * How the tool that a plain SQL file belongs to runs it, by its path and its own directives. Most
 * (Flyway, Rails, Liquibase, Drizzle, dbmate, goose) wrap a file into one transaction.
 */
export function transactionModeOf(path: string, text: string): TransactionMode {
  if (PRISMA.test(path)) return 'autocommit';
  return WITHOUT_TRANSACTION.some((directive) => directive.test(text)) ? 'autocommit' : 'file';
}

/** `prisma migrate` sends the file as it is: `migrations/20250101120000_name/migration.sql`. */
const PRISMA = /(?:^|\/)\d{14}_[^/]+\/migration\.sql$/;

const WITHOUT_TRANSACTION: readonly RegExp[] = [
  // Liquibase, a changeset of formatted SQL
  /^--\s*changeset\b.*\brunInTransaction:false/im,
  // dbmate
  /^--\s*migrate:up\b.*\btransaction:false/im,
  // goose
  /^--\s*\+goose\s+NO\s+TRANSACTION/im,
  // Atlas
  /^--\s*atlas:txmode\s+none/im,
  // Flyway, where the setting stands in the file's head
  /^--\s*flyway:executeInTransaction=false/im,
];

/** Files that only take a migration back: what they drop is what the migration made. */
export function isDownFile(path: string): boolean {
  return /(?:^|[./_-])down\.sql$|(?:^|\/)U[\d._]+__[^/]*\.sql$/.test(path);
}

/**
 * The SQL that brings a database forward, every character in its place: commands of psql, which
 * dumps have (`\\restrict`), and the part that takes a migration back become blank.
 */
export function forwardSql(text: string): string {
  const down = DOWN_PARTS.map((mark) => text.search(mark)).filter((at) => at >= 0);
  const end = Math.min(text.length, ...down);
  const forward = text.slice(0, end) + blank(text.slice(end));
  return forward.replace(/^\\[^\r\n]*/gm, blank);
}

const DOWN_PARTS: readonly RegExp[] = [/^--\s*migrate:down\b/im, /^--\s*\+goose\s+Down\b/im];

function blank(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
