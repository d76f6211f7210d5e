import type { NewOrder } from '@org/example-service-contract';

/** One order of the file, and the Idempotency-Key that it is sent with. */
export interface Line {
  readonly key?: string;
  readonly order: NewOrder;
}

const names = [
  'Ada Lovelace',
  "Siobhán O'Reilly-Ó Briain",
  'José Ñandú',
  'Jose\u0301 N\u0303andu\u0301', // the same letters from combining marks
  'Łukasz Żółć',
  'Straße & Söhne GmbH',
  '王小明',
  '山田 太郎',
  'محمد بن سلمان',
  'שָׁלוֹם כהן',
  'ประยุทธ์ จันทร์โอชา',
  '👩‍👩‍👧 Family',
  'Zero\u200bWidth',
  ' Space Around ',
  'Null',
  'undefined',
  "Robert'); DROP TABLE orders;--",
  '<script>alert(1)</script>',
  '${name} %s {{name}}',
  'O',
  '𝕌𝕟𝕚𝕔𝕠𝕕𝕖'.repeat(10),
  'x'.repeat(200),
];

const places: readonly NewOrder['shippingAddress'][] = [
  { lines: ["12 St James's Square"], postalCode: 'SW1Y 4JH', city: 'London', country: 'GB' },
  { lines: ['〒100-8111 千代田区千代田1-1'], city: '東京', country: 'JP' },
  { lines: ['Rua "Direita", nº 5 \\ 2º Esq.'], postalCode: '0001', city: 'São Paulo', country: 'BR' },
  { lines: Array.from({ length: 5 }, (_, floor) => `Floor ${floor} `.repeat(20)), city: 'Å', country: 'NO' },
  {
    lines: ['Krung Thep Mahanakhon Amon Rattanakosin'],
    city: 'Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch',
    country: 'GB',
  },
];

const notes = [undefined, '', 'Ring twice.\r\nThen leave it\tat the door.', '\u202eright to left', '🙏'.repeat(1_000)];

/** The numbers of Mulberry32 below 1: the same for the same seed. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/**
 * Orders with the oddities of real ones, the same for the same seed. Of every ten, one is sent again with the key of an
 * earlier one, and one has what an earlier one has, but is another order.
 */
export function oddOrders(count: number, seed: number): Line[] {
  const numbers = random(seed);
  const below = (limit: number) => Math.floor(numbers.next().value * limit);
  const one = <Value>(values: readonly Value[]) => values[below(values.length)] as Value;
  const lines: Line[] = [];
  for (let index = 0; index < count; index += 1) {
    const earlier = lines.filter(({ key }) => key !== undefined);
    if (index % 10 === 8) lines.push(one(earlier));
    else if (index % 10 === 9) lines.push({ order: one(earlier).order });
    else lines.push({ key: `line-${index}`, order: oddOrder() });
  }
  return lines;

  function oddOrder(): NewOrder {
    const note = one(notes);
    return {
      customerName: one(names),
      shippingAddress: one(places),
      currency: one(['EUR', 'USD', 'JPY']),
      items: Array.from({ length: 1 + below(below(10) === 0 ? 100 : 5) }, () => ({
        sku: `SKU-${below(1_000)}`,
        quantity: below(20) === 0 ? 10_000 : 1 + below(5),
        unitPrice: one([0, 1, below(100_000), below(1_000_000_000)]),
      })),
      ...(note !== undefined && { note }),
    };
  }
}
