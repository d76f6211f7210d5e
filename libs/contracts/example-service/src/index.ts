export { contract } from './contract.ts';
export { orderPlaced } from './events.ts';
export { exampleNewOrder, exampleOrder } from './examples.ts';
export { cancelOrder, createOrder, exportOrders, getOrder, listOrders } from './operations.ts';
export { quote } from './queries.ts';
export {
  currency,
  newOrder,
  order,
  orderStatus,
  type Currency,
  type NewOrder,
  type Order,
  type OrderStatus,
} from './orders.ts';
