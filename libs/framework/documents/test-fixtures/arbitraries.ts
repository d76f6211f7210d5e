import fc from 'fast-check';

/** Few names, values and paths, so that documents and filters meet. */
const name = fc.constantFrom('a', 'b', 'c');
export const day = (number: number) => new Date(Date.UTC(2026, 0, number));

export const scalar = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -1, max: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(1.5, 1e21, -0.25) },
  { weight: 3, arbitrary: fc.constantFrom('', 'a', 'b', 'ab', 'B', '1', 'é', '"', '$') },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.constantFrom(day(1), day(2)) },
  { weight: 1, arbitrary: fc.constant(null) },
);

const { value, embedded } = fc.letrec<{ value: unknown; embedded: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    // mingo enters arrays in arrays, which MongoDB does not.
    fc.array(fc.oneof(scalar, tie('embedded')), { maxLength: 3 }),
    tie('embedded'),
  ),
  embedded: fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));
export { embedded, value };

export const documents = fc
  .array(embedded, { minLength: 1, maxLength: 10 })
  .map((all) => all.map((document, index) => ({ _id: `d${index}`, ...document })));

/** With an index behind the first name alone: behind another array MongoDB takes it for one of each element's arrays. */
export const path = fc
  .tuple(name, fc.option(fc.constantFrom('0', '1'), { freq: 8, nil: undefined }), fc.array(name, { maxLength: 2 }))
  .map(([first, index, rest]) => [first, ...(index === undefined ? [] : [index]), ...rest].join('.'));

const plainPath = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'));

const comparable = scalar.filter((each) => each !== null);
const pattern = fc.constantFrom(
  '^a',
  'b$',
  'A',
  '^$',
  '[a-b]',
  'a.?b',
  '(?:a|b)+',
  String.raw`\d`,
  String.raw`[^\w]`,
  'é',
);

const test = fc.oneof(
  scalar.map(($eq) => ({ $eq })),
  value.map(($eq) => ({ $eq })),
  scalar.map(($ne) => ({ $ne })),
  fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), comparable).map(([name, operand]) => ({ [name]: operand })),
  fc.array(scalar, { maxLength: 3 }).map(($in) => ({ $in })),
  fc.array(scalar, { maxLength: 3 }).map(($nin) => ({ $nin })),
  fc.boolean().map(($exists) => ({ $exists })),
  fc.tuple(pattern, fc.constantFrom('', 'i')).map(([$regex, $options]) => ({ $regex, $options })),
  fc.integer({ min: 0, max: 3 }).map(($size) => ({ $size })),
  fc.array(scalar, { minLength: 1, maxLength: 2 }).map(($all) => ({ $all })),
);

const { filter } = fc.letrec<{ filter: object; condition: object }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2 },
    { weight: 6, arbitrary: test },
    { weight: 1, arbitrary: test.map(($not) => ({ $not })) },
    { weight: 1, arbitrary: tie('filter').map(($elemMatch) => ({ $elemMatch })) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom('$gt', '$lte', '$ne', '$eq'), comparable).map(([name, operand]) => ({
        $elemMatch: { [name]: operand },
      })),
    },
  ),
  filter: fc.oneof(
    { maxDepth: 2 },
    { weight: 3, arbitrary: fc.tuple(path, value).map(([at, operand]) => ({ [at]: operand })) },
    { weight: 8, arbitrary: fc.tuple(path, tie('condition')).map(([at, condition]) => ({ [at]: condition })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(tie('filter'), { minLength: 1, maxLength: 2 }))
        .map(([name, filters]) => ({ [name]: filters })),
    },
  ),
}));
export { filter };

/** Documents of a schema without arrays but where it says so, each field of one type or missing. */
const texts = fc.constantFrom('', 'a', 'b', 'ab', 'B', 'é', '\u{1F600}', '\uFF5E');
const line = fc.record(
  { text: texts, number: fc.integer({ min: 0, max: 3 }) },
  { requiredKeys: [], noNullPrototype: true },
);
const typed = fc.record(
  {
    text: fc.option(texts),
    number: fc.option(fc.constantFrom(-1, 0, 1, 1.5, 10, 2)),
    flag: fc.option(fc.boolean()),
    at: fc.option(fc.constantFrom(day(1), day(2), day(10))),
    inner: fc.record(
      { text: texts, number: fc.integer({ min: 0, max: 2 }) },
      { requiredKeys: [], noNullPrototype: true },
    ),
    tags: fc.array(texts, { maxLength: 2 }),
    lines: fc.array(line, { maxLength: 2 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);
export const typedDocuments = fc
  .array(typed, { minLength: 1, maxLength: 10 })
  .map((all) => all.map((document, index) => ({ _id: `d${index}`, ...document })));

const operators = <Value>(operand: fc.Arbitrary<Value>) =>
  fc.oneof(
    operand,
    fc
      .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), operand)
      .map(([key, value]) => ({ [key]: value })),
    fc
      .tuple(fc.constantFrom('$in', '$nin'), fc.array(operand, { maxLength: 3 }))
      .map(([key, value]) => ({ [key]: value })),
    fc.boolean().map(($exists) => ({ $exists })),
    fc.constant(null),
    operand.map((value) => ({ $not: { $gt: value } })),
  );
const conditionsOf = <Value>(paths: string[], operand: fc.Arbitrary<Value>) =>
  fc.tuple(fc.constantFrom(...paths), operators(operand)).map(([at, condition]) => ({ [at]: condition }));
const condition = fc.oneof(
  // Also with what is of another type than the schema says.
  conditionsOf(
    ['text', 'inner.text', 'tags', 'lines.text', '_id'],
    fc.oneof(
      texts,
      scalar.filter((each) => each !== null),
    ),
  ),
  conditionsOf(['number', 'inner.number', 'lines.number', 'lines.0.number'], fc.integer({ min: -1, max: 3 })),
  conditionsOf(['flag'], fc.boolean()),
  conditionsOf(['at'], fc.constantFrom(day(1), day(2), day(3))),
  line.map((document) => ({ inner: document })),
  line.map((document) => ({ lines: document })),
  conditionsOf(['text', 'number'], fc.integer({ min: 0, max: 2 })).map(($elemMatch) => ({ lines: { $elemMatch } })),
);
export const typedFilter: fc.Arbitrary<object> = fc.oneof(
  { weight: 4, arbitrary: condition },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(condition, { minLength: 1, maxLength: 3 }))
      .map(([key, all]) => ({ [key]: all })),
  },
);

export const typedSort = fc.dictionary(
  fc.constantFrom('text', 'number', 'flag', 'at', 'inner.number', 'inner.text', 'tags', '_id'),
  fc.constantFrom<1 | -1>(1, -1),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
);
export const sort = fc.dictionary(path, fc.constantFrom<1 | -1>(1, -1), {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});

const values = fc.array(scalar, { maxLength: 3 });
const fields = <Value>(operand: fc.Arbitrary<Value>) => fc.tuple(path, operand).map(([at, given]) => ({ [at]: given }));
const step = <Name extends string>(key: Name, operand: fc.Arbitrary<object>) =>
  operand.map((given) => ({ [key]: given }));
const oneStep = fc.oneof(
  { weight: 3, arbitrary: step('$set', fields(value)) },
  step('$unset', fields(fc.constant(''))),
  { weight: 2, arbitrary: step('$inc', fields(fc.integer({ min: -2, max: 2 }))) },
  step('$mul', fields(fc.integer({ min: -2, max: 2 }))),
  step('$min', fields(scalar)),
  step('$max', fields(scalar)),
  step('$push', fields(scalar)),
  step('$push', fields(fc.tuple(values, fc.constantFrom(-2, -1, 1, 2)).map(([$each, $slice]) => ({ $each, $slice })))),
  step('$addToSet', fields(scalar)),
  step('$addToSet', fields(fc.uniqueArray(scalar, { maxLength: 3 }).map(($each) => ({ $each })))),
  {
    weight: 2,
    arbitrary: step(
      '$pull',
      fields(
        fc.oneof(
          scalar,
          fc.tuple(path, scalar).map(([at, operand]) => ({ [at]: operand })),
        ),
      ),
    ),
  },
  step('$pull', fields(fc.integer({ min: 0, max: 2 }).map(($gte) => ({ $gte })))),
  step(
    '$rename',
    fc.tuple(path, path).map(([from, to]) => ({ [from]: to })),
  ),
);
export const update = fc
  .array(oneStep, { minLength: 1, maxLength: 2 })
  .map((steps) => Object.assign({}, ...steps) as Record<string, object>);
export const projection = fc
  .tuple(fc.array(plainPath, { maxLength: 3 }), fc.constantFrom<0 | 1>(0, 1), fc.option(fc.constantFrom<0 | 1>(0, 1)))
  .map(([paths, wanted, id]) => ({
    ...Object.fromEntries(paths.map((at) => [at, wanted])),
    ...(id !== null && id <= wanted && { _id: id }),
  }));
export { embedded as document };
