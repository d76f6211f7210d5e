export { requestRoutes, type FetchInit, type RequestRoutesOptions, type TestedRoutes } from './request-routes.ts';
