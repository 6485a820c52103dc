import type { JsonSchema, KeyTable } from './keys.js';
import {
  budgetFileKeys,
  budgetKeys,
  decisionKeys,
  emulatorKeys,
  hlsKeys,
  fromKeys,
  packedFieldKeys,
  wordKeys,
  fixedPointSchema,
  inputKeys,
  interfaceKeys,
  layerKeys,
  outputKeys,
  rootKeys,
  tableKeys,
  resourceKeys,
  targetKeys,
  weightKeys,
} from './keys.js';

function objectSchema(keys: KeyTable): JsonSchema {
  const properties = Object.entries(keys).map(([name, { description, schema, notYet }]) => [
    name,
    // A schema that nothing fulfils: editors underline the key and show why.
    notYet === true ? { description, not: {} } : { description, ...schema },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties) as JsonSchema, additionalProperties: false };
}

const budgetsSchema: JsonSchema = {
  type: 'array',
  items: { oneOf: [{ type: 'string' }, { ...objectSchema(budgetKeys), required: ['check'] }] },
};

/** JSON Schema of a budget.yaml, published as docs/budget.schema.json. */
export function budgetFileSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'budget.yaml',
    description: 'Budgets for trigc check.',
    ...objectSchema(budgetFileKeys),
    $defs: { budgets: budgetsSchema },
  };
}

/** JSON Schema of trigc.yaml, published as docs/trigc.schema.json. */
export function configSchema(): JsonSchema {
  const { word: _word, fields: _fields, ...bitsKeys } = packedFieldKeys;
  const repeated = { type: 'integer', minimum: 1 };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'trigc.yaml',
    description: 'Configuration of Trigc.',
    ...objectSchema(rootKeys),
    $defs: {
      inputs: { type: 'object', additionalProperties: objectSchema(inputKeys) },
      outputs: { type: 'object', additionalProperties: objectSchema(outputKeys) },
      weights: objectSchema(weightKeys),
      table: { ...objectSchema(tableKeys), required: ['size', 'type'] },
      layers: { type: 'object', additionalProperties: objectSchema(layerKeys) },
      target: objectSchema(targetKeys),
      resources: objectSchema(resourceKeys),
      interface: objectSchema(interfaceKeys),
      emulator: objectSchema(emulatorKeys),
      hls: objectSchema(hlsKeys),
      from: { ...objectSchema(fromKeys), required: ['fields'] },
      words: { ...objectSchema(wordKeys), required: ['name', 'width'] },
      packedField: objectSchema(packedFieldKeys),
      bits: { oneOf: [{ type: ['string', 'integer'] }, objectSchema(bitsKeys)] },
      decision: { ...objectSchema(decisionKeys), required: ['name'] },
      threshold: {
        oneOf: [
          { type: ['number', 'string'] },
          { type: 'object', properties: { code: { type: ['integer', 'string'] } }, additionalProperties: false },
        ],
      },
      budgets: budgetsSchema,
      types: {
        oneOf: [
          { $ref: '#/$defs/typeList' },
          { type: 'object', patternProperties: { '^\\d+$': fixedPointSchema }, additionalProperties: false },
        ],
      },
      typeList: {
        type: 'array',
        minItems: 1,
        items: {
          oneOf: [
            fixedPointSchema,
            {
              type: 'object',
              properties: { type: fixedPointSchema, count: repeated },
              required: ['type', 'count'],
              additionalProperties: false,
            },
            {
              type: 'object',
              properties: { types: { $ref: '#/$defs/typeList' }, count: repeated },
              required: ['types', 'count'],
              additionalProperties: false,
            },
          ],
        },
      },
    },
  };
}
