/**
 * Prefixes a comment that identifies the statement in pg_stat_activity and in the server's log.
 * A tag cannot end the comment or nest one: asterisks and slashes next to each other are parted,
 * control characters become spaces.
 */
export function tagged(sql: string, tag: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
  const safe = tag.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/[*/](?=[*/])/g, '$& ');
  const guarded = safe.replace(/^[*/]/, ' $&').replace(/[*/]$/, '$& ');
  return `/* lockkeeper:${guarded} */ ${sql}`;
}
