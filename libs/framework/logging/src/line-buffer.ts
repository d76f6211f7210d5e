export interface LineBufferOptions {
  /** From so many characters on, lines are written at once; 0 writes each line at once. */
  readonly limit: number;
  readonly write: (lines: readonly string[]) => void;
}

export interface LineBuffer {
  /** Takes a line of a moment (milliseconds); an urgent one is written at once, with all before it. */
  add(line: string, time: number, urgent: boolean): void;
  flush(): void;
  /** Writes what is left, and from now on each line at once: where the event loop ends, no turn does. */
  holdNothing(): void;
}

// Code that keeps the event loop busy for longer should not keep its lines from being read.
const longestWaitMs = 20;

/**
 * Gathers the lines of one turn of the event loop, so that they cost one system call: they are written when the turn ends,
 * earlier when they are many, when one is urgent, or when one comes 20 ms after the first.
 */
export function createLineBuffer({ limit, write }: LineBufferOptions): LineBuffer {
  let lines: string[] = [];
  let size = 0;
  let firstAt = 0;
  let holds = limit > 0;
  let awaitsTurnEnd = false;

  function flush(): void {
    if (lines.length === 0) return;
    const full = lines;
    lines = [];
    size = 0;
    write(full);
  }

  function atTurnEnd(): void {
    awaitsTurnEnd = false;
    flush();
  }

  return {
    add(line, time, urgent) {
      if (lines.length === 0) firstAt = time;
      lines.push(line);
      size += line.length;
      if (urgent || !holds || size >= limit || time - firstAt >= longestWaitMs) return flush();
      if (awaitsTurnEnd) return;
      awaitsTurnEnd = true;
      // It keeps the process alive until the turn ends, and no longer; one that does not would wait for the next event.
      // It is never cleared: Node 24 goes round for ever when one is cleared while an uncaught error of another is handled.
      setImmediate(atTurnEnd);
    },
    flush,
    holdNothing() {
      holds = false;
      flush();
    },
  };
}
