export { nats } from './nats.ts';
