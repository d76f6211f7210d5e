export { swagger } from './swagger.ts';
