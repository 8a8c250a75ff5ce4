import { type Examined, type Finding, finding } from './finding.ts';

/** Building, dropping and rebuilding indexes while others use the table. */
export function indexHazards(examined: Examined): readonly Finding[] {
  const { statement, classification } = examined;
  const { node, text } = statement;
  const used = classification.locks.length > 0;
  if ('IndexStmt' in node) {
    const { concurrent, if_not_exists } = node.IndexStmt;
    if (concurrent !== true) return used ? [notConcurrent(examined)] : [];
    return if_not_exists === true
      ? [
          finding(
            examined,
            'concurrently-if-not-exists',
            'error',
            'a build that failed leaves an invalid index, and IF NOT EXISTS then takes it for the real one',
            text.replace(/\s+if\s+not\s+exists/i, ''),
          ),
        ]
      : [];
  }
  if (!used) return [];
  if (classification.statementKind === 'drop-index') {
    const message =
      'dropping an index waits for every query of its table, and all new ones wait behind it';
    const safer = text.replace(/^(drop\s+index)/i, '$1 concurrently');
    return [finding(examined, 'drop-index-not-concurrent', 'warning', message, safer)];
  }
  if (classification.statementKind === 'reindex') {
    const message =
      'REINDEX stops writes to the table, and reads that would use the index, until it is built';
    const safer = text.replace(/^(reindex\s+(?:\([^)]*\)\s*)?\w+)/i, '$1 concurrently');
    return [finding(examined, 'reindex-not-concurrent', 'error', message, safer)];
  }
  return [];
}

function notConcurrent(examined: Examined): Finding {
  const safer = examined.statement.text.replace(
    /^(create\s+(?:unique\s+)?index)/i,
    '$1 concurrently',
  );
  const message = 'CREATE INDEX stops all writes to the table until the index is built';
  return finding(examined, 'index-not-concurrent', 'error', message, safer);
}
