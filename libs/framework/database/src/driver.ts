/** Reads a value as the server writes it, by the number of its type. */
export type ParseType = (type: number, format?: 'text') => (text: string) => unknown;

/** One statement, as Drizzle hands it over. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** The name under which the server keeps it prepared. Default: none. */
  readonly name?: string;
  /** Whether the text may hold several statements, and there are no values: it gives no rows then. Default: `false`. */
  readonly script?: boolean;
  /** Rows as arrays in the order of the columns. Default: as objects. */
  readonly rowMode?: 'array';
  /** Default: as `pg` reads them. */
  readonly types?: { readonly getTypeParser: ParseType };
}

/** What a statement gives. */
export interface Result<Row = unknown> {
  readonly rows: Row[];
  /** How many rows it gave or changed; `null` where it does neither. */
  readonly rowCount: number | null;
}

/** One session at the database. One statement runs in it at a time. */
export interface Connection {
  /** Whether it is lost: nothing runs on it any more. */
  readonly broken: boolean;
  /** Rejects with what the client throws. */
  run(statement: Statement): Promise<Result>;
  /**
   * Has the database give up what runs in it. Resolves when nothing does any more, or the connection is broken.
   *
   * @param answer Resolves when what runs has ended, however it did.
   */
  giveUp(answer: Promise<unknown>): Promise<void>;
  /** Tells of what the session hears on the channels that it listens to, and of its end. Missing where there is nobody to hear of. */
  hear?(listener: () => void): void;
  /** Gives it back to whoever opened it, or ends it. */
  release(outcome: 'keep' | 'end'): void;
}

/** Where the database is, as spans and errors say it. */
export interface Place {
  /** A URL without password. */
  readonly shown: string;
  /** The name of the database. */
  readonly namespace: string;
  readonly host?: string;
  readonly port?: number;
}

/** One way to a database. */
export interface Driver extends AsyncDisposable {
  readonly place: Place;
  /** How many connections it has at most for statements. */
  readonly size: number;
  /** How many connections stand open at the moment. */
  open(): number;
  /** As `connect`, without a wait; `undefined` where none is at hand. */
  takeAtHand(): Connection | undefined;
  /**
   * One that nobody else uses; whoever takes no more than `size` of them does not wait for another. Rejects with what the
   * client throws, or with the signal's reason.
   */
  connect(signal?: AbortSignal): Promise<Connection>;
  /** Rejects when the database does not answer. */
  check(signal: AbortSignal): Promise<void>;
  /** Ends all connections, also those in use. */
  [Symbol.asyncDispose](): Promise<void>;
}
