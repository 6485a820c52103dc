// Writes docs/semantics.md from the semantics table. Run after `npm run build`.
import { writeFileSync } from 'node:fs';
import { describeSemantics } from '../dist/src/dataflow/describe-semantics.js';

writeFileSync(new URL('../docs/semantics.md', import.meta.url), describeSemantics());
