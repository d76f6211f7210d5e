import pg from 'pg';
import { serveClient } from './client.ts';
import { order } from './orders.ts';

// What the driver does by itself.
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL!, max: 10 });
const read = 'SELECT id, customer_id, total, currency, created_at FROM orders WHERE id = $1';
const insert = 'INSERT INTO orders (customer_id, total, currency) VALUES ($1, $2, $3)';
const { customerId, total, currency } = order;
const values = [customerId, total, currency];

serveClient({
  read: (id) => pool.query(read, [id]),
  'read, prepared': (id) => pool.query({ name: 'read', text: read, values: [id] }),
  insert: () => pool.query(insert, values),
  'insert, prepared': () => pool.query({ name: 'insert', text: insert, values }),
});
