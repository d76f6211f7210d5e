import { describe, expect, test } from 'vitest';
import { parseEndpoint, singular } from './endpoint.ts';

const endpointOf = (text: string, operation?: string) => parseEndpoint(text, operation, 'Cannot add it');

describe('an endpoint', () => {
  test.each([
    ['GET /parcels', 'listParcels', 'list', 'parcels', 'parcelRoutes'],
    ['get /parcels/:id', 'getParcel', 'read', 'parcels', 'parcelRoutes'],
    ['POST /parcels', 'createParcel', 'create', 'parcels', 'parcelRoutes'],
    ['POST /parcels/:id/labels', 'createLabel', 'create', 'parcels', 'parcelRoutes'],
    ['POST /parcels/:id/cancel', 'cancelParcel', 'act', 'parcels', 'parcelRoutes'],
    ['PUT /parcels/:id', 'replaceParcel', 'change', 'parcels', 'parcelRoutes'],
    ['PUT /settings', 'replaceSettings', 'change', 'settings', 'settingRoutes'],
    ['PATCH /parcels/:id', 'updateParcel', 'change', 'parcels', 'parcelRoutes'],
    ['DELETE /parcels/:id', 'deleteParcel', 'remove', 'parcels', 'parcelRoutes'],
    ['GET /delivery-addresses/:id', 'getDeliveryAddress', 'read', 'delivery-addresses', 'deliveryAddressRoutes'],
    ['POST /login', 'createLogin', 'create', 'login', 'loginRoutes'],
  ])('%s is %s, and does: %s', (text, operation, kind, file, routes) => {
    expect(endpointOf(text)).toMatchObject({ operation, kind, file, routes });
  });

  test('is called what it is told', () => {
    expect(endpointOf('GET /parcels', 'findParcels').operation).toBe('findParcels');
    expect(() => endpointOf('GET /parcels', 'find-parcels')).toThrow('expected --operation to be an id');
  });
});

test.each([
  ['parcels', 'parcel'],
  ['addresses', 'address'],
  ['deliveries', 'delivery'],
  ['boxes', 'box'],
  ['status', 'status'],
  ['press', 'press'],
  ['analysis', 'analysis'],
  ['staff', 'staff'],
  ['prices', 'price'],
])('one of %s is a %s', (plural, one) => {
  expect(singular(plural)).toBe(one);
});
