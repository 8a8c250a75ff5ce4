/** Writes the JSON Schemas of the two file formats to `schema/`. Run after a format changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { jsonSchemas } from '../lib/core/config/json-schemas.ts';

const directory = new URL('../schema/', import.meta.url);

mkdirSync(directory, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) {
  writeFileSync(new URL(name, directory), `${JSON.stringify(schema, null, 2)}\n`);
}
