import type { EventEmitter } from 'node:events';
import type pg from 'pg';
import type { TypedStatement } from './parameters.ts';

/** A column as PostgreSQL describes it on the wire. */
export interface Column {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeSize: number;
  readonly dataTypeModifier: number;
}

/** What a statement gave back, still as text. */
export interface RawResult {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** PostgreSQL's command tag, such as `INSERT 0 3`. */
  readonly tag: string;
  readonly size: 'within-limits' | 'row-too-large' | 'result-too-large';
}

interface ResultLimits {
  readonly rowBytes: number;
  readonly resultBytes: number;
}

/** The few messages of the driver's connection that one extended query needs. */
interface Wire extends EventEmitter {
  parse(message: { text: string; types: readonly number[] }): void;
  bind(message: { values: readonly (string | Buffer | null)[] }): void;
  describe(message: { type: 'P' }): void;
  execute(message: object): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}

/**
 * Runs one statement with declared parameter types. The driver's own query() can neither declare
 * types nor count bytes, and it sends several statements as one when there are no parameters; the
 * extended protocol refuses more than one, which is exactly the Data API's rule.
 * Settles only when the server is ready for the next statement, so the transaction's state is known.
 */
export function runStatement(
  client: pg.ClientBase,
  statement: TypedStatement,
  limits: ResultLimits,
): Promise<RawResult> {
  return new Promise((resolve, reject) => {
    const query = new ExtendedQuery(statement, limits, resolve, reject);
    client.query(query as unknown as pg.Submittable);
  });
}

class ExtendedQuery {
  readonly #statement: TypedStatement;
  readonly #limits: ResultLimits;
  readonly #resolve: (result: RawResult) => void;
  readonly #reject: (error: Error) => void;
  #columns: readonly Column[] = [];
  #rows: (string | null)[][] = [];
  #bytes = 0;
  #tag = '';
  #size: RawResult['size'] = 'within-limits';
  #error: Error | undefined;

  constructor(
    statement: TypedStatement,
    limits: ResultLimits,
    resolve: (result: RawResult) => void,
    reject: (error: Error) => void,
  ) {
    this.#statement = statement;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(wire: Wire): void {
    // After an error the driver forgets its active query, so ready-for-query is heard here.
    wire.once('readyForQuery', () => this.#settle());
    wire.parse({ text: this.#statement.text, types: this.#statement.types });
    wire.bind({ values: this.#statement.values });
    wire.describe({ type: 'P' });
    wire.execute({});
    wire.sync();
  }

  handleRowDescription(message: { readonly fields: readonly Column[] }): void {
    this.#columns = message.fields;
  }

  handleDataRow(message: { readonly length: number; readonly fields: (string | null)[] }): void {
    this.#bytes += message.length;
    if (this.#size === 'within-limits' && message.length > this.#limits.rowBytes) {
      this.#size = 'row-too-large';
    }
    if (this.#size === 'within-limits' && this.#bytes > this.#limits.resultBytes) {
      this.#size = 'result-too-large';
    }
    // What is over the limit is read and thrown away: the connection stays usable.
    if (this.#size === 'within-limits') this.#rows.push(message.fields);
    else this.#rows = [];
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.#tag = message.text;
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('COPY FROM STDIN is not possible through the Data API');
  }

  handleError(error: Error & { readonly severity?: string }): void {
    this.#error = error;
    // A lost connection never becomes ready again; an ordinary error is followed by ready-for-query.
    if (error.severity !== 'ERROR') this.#settle();
  }

  handleCopyData(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleReadyForQuery(): void {}

  #settle(): void {
    if (this.#error !== undefined) this.#reject(this.#error);
    else
      this.#resolve({
        columns: this.#columns,
        rows: this.#rows,
        tag: this.#tag,
        size: this.#size,
      });
  }
}
