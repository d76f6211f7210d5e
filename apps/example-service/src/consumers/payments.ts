import { handle } from '@org/messaging';
import { paymentSettled } from '@org/payments-contract';
import type { Orders } from '../orders.ts';

// payments.payment.settled.v1
export const onPaymentSettled = (orders: Orders) => handle(paymentSettled, ({ data }) => orders.settle(data.orderId));
