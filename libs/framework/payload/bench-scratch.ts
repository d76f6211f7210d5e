import { createEvent, decodeMessage, encodeBinary, amqpBinding } from './src/index.ts';
import { readJson, writeJson } from './src/json.ts';
import { readHeaders } from './src/read-headers.ts';
import { isDeeperThan } from './src/nesting.ts';
import { isUtf8 } from 'node:buffer';
const item = (n: number) => ({ sku: `engine-${n}`, quantity: n, unitPrice: 1250, note: 'handle with care' });
const data = { id: crypto.randomUUID(), customer: 'Ada Lovelace', currency: 'EUR', total: 2500, items: [item(1), item(2)] };
const text = JSON.stringify(data); const bytes = Buffer.from(text);
const tp = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
function time(name: string, run: () => unknown, count = 50_000) {
  for (let i = 0; i < count; i++) run();
  let best = Infinity;
  for (let r = 0; r < 7; r++) { const before = process.cpuUsage(); for (let i = 0; i < count; i++) run(); const { user, system } = process.cpuUsage(before); best = Math.min(best, (user + system) / count); }
  console.log(name.padEnd(34), best.toFixed(2));
}
const event = { ...createEvent({ type: 'orders.order.placed.v1', source: '/services/orders', data, key: data.id, correlationId: data.id }), traceparent: tp };
const wire = encodeBinary(event, amqpBinding);
time('stringify', () => JSON.stringify(data));
time('Buffer.from(text)', () => Buffer.from(text));
time('writeJson', () => writeJson(data, 64));
time('isUtf8', () => isUtf8(bytes));
time('toString', () => bytes.toString());
time('latin1Slice', () => bytes.latin1Slice());
time('parse', () => JSON.parse(text));
time('deeper', () => isDeeperThan(text, 64));
const a = /__proto__|"constructor"|\\u00[5-7]/, b = /(?:^|[:,[\s])-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;
time('regex a', () => a.test(text));
time('regex b', () => b.test(text));
time('includes x3', () => text.includes('__proto__') || text.includes('"constructor"') || text.includes('\\u00'));
time('readJson', () => readJson(bytes, 64));
time('readHeaders', () => readHeaders(wire.headers, amqpBinding));
time('encode', () => encodeBinary(event, amqpBinding));
time('decode', () => decodeMessage(wire, amqpBinding));
