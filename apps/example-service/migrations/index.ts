// Written by `migration generate`.
import type { Migration } from '@org/database';
import { migration as m0001_orders } from './0001_orders.ts';

export const migrations: readonly Migration[] = [m0001_orders];
