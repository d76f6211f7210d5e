import { quote } from '@org/example-service-contract';
import { answer } from '@org/messaging';
import type { Orders } from '../orders.ts';

// orders.quote.v1
export const answerQuote = (orders: Orders) => answer(quote, (basket) => orders.quote(basket));
