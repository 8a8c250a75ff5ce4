/**
 * The column names that each table of a chain of pgroll files was ever given. Tables that the chain
 * does not make are unknown: they may have any column.
 */
export class ChainColumns {
  readonly #tables = new Map<string, Set<string>>();

  /** Takes the operations of one file into account, in order. */
  read(operations: readonly object[]): void {
    for (const operation of operations) {
      for (const [kind, declared] of Object.entries(operation)) this.#readOne(kind, declared);
    }
  }

  /** True when the chain made the table and never gave it a column of this name. */
  neverHad(table: string, column: string): boolean {
    const columns = this.#tables.get(table);
    return columns !== undefined && !columns.has(column);
  }

  #readOne(kind: string, declared: unknown): void {
    const get = (key: string) => textAt(declared, key);
    switch (kind) {
      case 'create_table':
        this.#tables.set(get('name'), new Set(columnNames(declared)));
        return;
      case 'add_column':
        this.#tables.get(get('table'))?.add(textAt(valueAt(declared, 'column'), 'name'));
        return;
      case 'rename_column':
        this.#tables.get(get('table'))?.add(get('to'));
        return;
      case 'rename_table': {
        const columns = this.#tables.get(get('from'));
        if (columns !== undefined) this.#tables.set(get('to'), columns);
        return;
      }
      case 'sql':
        // It may have changed any table.
        this.#tables.clear();
        return;
    }
  }
}

function columnNames(declared: unknown): readonly string[] {
  const columns = valueAt(declared, 'columns');
  return Array.isArray(columns) ? columns.map((column) => textAt(column, 'name')) : [];
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function textAt(value: unknown, key: string): string {
  const text = valueAt(value, key);
  return typeof text === 'string' ? text : '';
}
