export { deliverTo, type DeliveredTo, type DeliverOptions } from './deliver-to.ts';
