/** Does what is given to it in one turn of the event loop together, at its end. */
export interface Turn {
  add(work: () => void): void;
  /** Does at once what is left. */
  end(): void;
}

/** The client writes to its socket after each step; what is written in one step leaves in one piece, at a fraction of the cost. */
export function createTurn(): Turn {
  let works: (() => void)[] = [];
  const end = () => {
    const all = works;
    works = [];
    for (const work of all) work();
  };
  return {
    add(work) {
      works.push(work);
      if (works.length === 1) setImmediate(end);
    },
    end,
  };
}
