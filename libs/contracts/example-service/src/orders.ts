import * as z from 'zod';

/** One line of text: something to see in it, and no control characters or halves of surrogate pairs. */
const line = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^(?!\s*$)[^\p{Cc}\p{Cs}]*$/u, { error: 'Expected a line of text without control characters' });

/** Any text that a database can keep: without NUL and halves of surrogate pairs. */
const text = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^[^\0\p{Cs}]*$/u, { error: 'Expected text without NUL' });

/** ISO 4217. The yen has no smaller unit, the others have hundredths. */
export const currency = z.enum(['EUR', 'USD', 'JPY']).meta({ id: 'Currency', description: 'ISO 4217.' });
export type Currency = z.infer<typeof currency>;

const amount = z.int().min(0);

/** Where the parcel goes. */
const address = z
  .strictObject({
    lines: z.array(line(200)).min(1).max(5).meta({ description: 'Street, house, floor: as on the parcel.' }),
    postalCode: line(20).optional(),
    city: line(100),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .meta({ description: 'ISO 3166-1 alpha-2.' }),
  })
  .meta({ id: 'Address' });

const item = z.strictObject({
  sku: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .meta({ description: 'What is ordered: letters, digits and `_ . -`.' }),
  quantity: z.int().min(1).max(10_000),
  unitPrice: amount.meta({ description: 'In minor units of the currency: cents, or whole yen. 0 is a present.' }),
});

/** What a customer sends. Unknown keys are refused, so that a misspelt one is noticed. */
export const newOrder = z
  .strictObject({
    customerName: line(200),
    shippingAddress: address,
    currency,
    items: z
      .array(item.meta({ id: 'NewItem' }))
      .min(1)
      .max(100),
    note: text(2_000).optional().meta({ description: 'For those who pack it.' }),
  })
  .meta({ id: 'NewOrder' });
export type NewOrder = z.infer<typeof newOrder>;

export const orderStatus = z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']).meta({ id: 'OrderStatus' });
export type OrderStatus = z.infer<typeof orderStatus>;

/** An order as the service keeps it. */
export const order = z
  .object({
    ...newOrder.shape,
    id: z.uuid(),
    number: z.int().min(1).meta({ description: 'What people call it by; later orders have higher numbers.' }),
    status: orderStatus,
    placedAt: z.iso.datetime(),
    items: z.array(
      z
        .object({ ...item.shape, total: amount.meta({ description: 'Quantity times unit price.' }) })
        .meta({ id: 'Item' }),
    ),
    total: amount.meta({ description: 'In minor units of the currency.' }),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof order>;
