import { describe, expect, test } from 'vitest';
import { exampleNewOrder, newOrder } from './index.ts';

const [item] = exampleNewOrder.items;
const address = exampleNewOrder.shippingAddress;

describe('a new order', () => {
  test.each([
    ['a name in any script', { customerName: 'Żółć 王小明 محمد 👩‍👩‍👧' }],
    ['white space around a name', { customerName: ' Ada ' }],
    ['a price of zero', { items: [{ ...item, unitPrice: 0 }] }],
    ['no postal code', { shippingAddress: { ...address, postalCode: undefined } }],
    ['a note of several lines', { note: 'Ring\ntwice' }],
  ])('may have %s, which stays as it is', (_, part) => {
    expect(newOrder.parse({ ...exampleNewOrder, ...part })).toEqual({ ...exampleNewOrder, ...part });
  });

  test.each([
    ['a name of white space', { customerName: ' \u00a0' }],
    ['a name with a line break', { customerName: 'Ada\nLovelace' }],
    ['a name with a NUL', { customerName: 'Ada\0' }],
    ['half of a surrogate pair', { customerName: 'Ada \ud83d' }],
    ['a note with a NUL', { note: 'Ring\0twice' }],
    ['a note with half of a surrogate pair', { note: 'Ring \ud83d' }],
    ['an endless name', { customerName: 'a'.repeat(201) }],
    ['no items', { items: [] }],
    ['too many items', { items: Array.from({ length: 101 }, () => item) }],
    ['a quantity of zero', { items: [{ ...item, quantity: 0 }] }],
    ['half a piece', { items: [{ ...item, quantity: 0.5 }] }],
    ['a negative price', { items: [{ ...item, unitPrice: -1 }] }],
    ['a price with cents after a dot', { items: [{ ...item, unitPrice: 12.5 }] }],
    ['a price as text', { items: [{ ...item, unitPrice: '1250' }] }],
    ['a price that is no exact number', { items: [{ ...item, unitPrice: 2 ** 53 }] }],
    ['another currency', { currency: 'XAU' }],
    ['a country by name', { shippingAddress: { ...address, country: 'France' } }],
    ['a total of its own', { total: 1 }],
    ['an unknown key in an item', { items: [{ ...item, discount: 10 }] }],
  ])('may not have %s', (_, part) => {
    expect(newOrder.safeParse({ ...exampleNewOrder, ...part }).success).toBe(false);
  });

  test('is refused in no time however long a text is', () => {
    const long = `${' '.repeat(500_000)}\0`;
    const started = performance.now();
    expect(newOrder.safeParse({ ...exampleNewOrder, customerName: long }).success).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
