/** A queue that takes at both ends and gives at the front, each in constant time. */
export interface Deque<Item> {
  readonly size: number;
  push(item: Item): void;
  unshift(item: Item): void;
  shift(): Item | undefined;
}

interface Node<Item> {
  readonly item: Item;
  next: Node<Item> | undefined;
}

export function createDeque<Item>(): Deque<Item> {
  let first: Node<Item> | undefined;
  let last: Node<Item> | undefined;
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(item) {
      const node: Node<Item> = { item, next: undefined };
      if (last) last.next = node;
      else first = node;
      last = node;
      size += 1;
    },
    unshift(item) {
      first = { item, next: first };
      last ??= first;
      size += 1;
    },
    shift() {
      const node = first;
      if (!node) return undefined;
      first = node.next;
      if (!first) last = undefined;
      size -= 1;
      return node.item;
    },
  };
}
