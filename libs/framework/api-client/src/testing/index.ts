export { fakeClient, type FakeCall, type FakeClient, type FakeExchange, type FakeHandlers } from './fake-client.ts';
