import type { SqlParser } from '../../sql/parser.ts';

interface Word {
  readonly start: number;
  readonly end: number;
  /** In lower case; a quoted name or a literal keeps its quotes. */
  readonly word: string;
  /** How many parentheses and brackets are open around it. */
  readonly depth: number;
}

/**
 * A part of a statement by its tokens. The parse tree has no end of an expression, so expressions
 * are cut out of the text as their author wrote them.
 */
export class SqlText {
  readonly #text: string;
  readonly #words: readonly Word[];

  private constructor(text: string, words: readonly Word[]) {
    this.#text = text;
    this.#words = words;
  }

  static of(parser: SqlParser, text: string): SqlText {
    let depth = 0;
    const words = parser
      .tokens(text)
      .filter(({ name }) => name !== 'SQL_COMMENT' && name !== 'C_COMMENT')
      .map(({ start, end }) => {
        const word = text.slice(start, end).toLowerCase();
        if (word === ')' || word === ']') depth -= 1;
        const at = { start, end, word, depth };
        if (word === '(' || word === '[') depth += 1;
        return at;
      });
    return new SqlText(text, words);
  }

  get text(): string {
    const [first] = this.#words;
    const last = this.#words.at(-1);
    return first === undefined || last === undefined ? '' : this.#text.slice(first.start, last.end);
  }

  has(...words: readonly string[]): boolean {
    return this.#find(words) >= 0;
  }

  /** The parts between the commas that stand in no parentheses. */
  parts(): readonly SqlText[] {
    const level = this.#level();
    const parts: Word[][] = [[]];
    for (const word of this.#words) {
      if (word.word === ',' && word.depth === level) parts.push([]);
      else parts.at(-1)?.push(word);
    }
    return parts.filter((part) => part.length > 0).map((part) => new SqlText(this.#text, part));
  }

  /** What is inside the first parentheses behind these words. @param words none: the first at all */
  inside(...words: readonly string[]): SqlText | undefined {
    const at = this.#find(words);
    if (at < 0) return undefined;
    const open = this.#words.findIndex(({ word }, index) => index >= at && word === '(');
    const start = this.#words[open];
    if (start === undefined) return undefined;
    const close = this.#words.findIndex(
      ({ word, depth }, index) => index > open && word === ')' && depth === start.depth,
    );
    return new SqlText(this.#text, this.#words.slice(open + 1, close));
  }

  /** What follows these words, until one of the others or the end. */
  after(words: readonly string[], until: readonly string[] = []): SqlText | undefined {
    const at = this.#find(words);
    return at < 0 ? undefined : this.#from(at + words.length, until);
  }

  /** Without its first words. */
  skip(count: number, until: readonly string[] = []): SqlText {
    return this.#from(count, until);
  }

  #from(start: number, until: readonly string[]): SqlText {
    const level = this.#level();
    const end = this.#words.findIndex(
      ({ word, depth }, index) => index > start && depth === level && until.includes(word),
    );
    return new SqlText(this.#text, this.#words.slice(start, end < 0 ? undefined : end));
  }

  #find(words: readonly string[]): number {
    const level = this.#level();
    return this.#words.findIndex(
      ({ depth }, index) =>
        depth === level &&
        words.every((word, offset) => this.#words[index + offset]?.word === word),
    );
  }

  #level(): number {
    return Math.min(...this.#words.map(({ depth }) => depth));
  }
}
