export { contract } from './contract.ts';
export { paymentSettled } from './events.ts';
