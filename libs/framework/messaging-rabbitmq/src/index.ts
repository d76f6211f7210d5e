export { rabbitmq } from './rabbitmq.ts';
