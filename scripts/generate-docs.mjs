// Writes the pages of docs/ that are derived from tables of the source. `npm run docs` builds first.
import { writeFileSync } from 'node:fs';
import { describeSemantics } from '../dist/src/dataflow/describe-semantics.js';
import { describeOperators } from '../dist/src/importers/onnx/describe-operators.js';
import { describeCatalogue } from '../dist/src/diagnostics/catalogue.js';

const pages = {
  'diagnostics.md': describeCatalogue(),
  'operators.md': describeOperators(),
  'semantics.md': describeSemantics(),
};

for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
