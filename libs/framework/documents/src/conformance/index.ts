export { documentsConformance, type ConformanceCase, type ConformanceOptions } from './conformance.ts';
