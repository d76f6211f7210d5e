export { messagingConformance, type ConformanceCase, type ConformanceOptions } from './conformance.ts';
