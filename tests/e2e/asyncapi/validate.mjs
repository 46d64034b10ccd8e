// Validates an AsyncAPI document with the initiative's own parser, and shows that the parser would
// notice: with one thing wrong, the same document must be refused.
//
// usage: validate.mjs DOCUMENT
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const text = readFileSync(process.argv[2], 'utf8');
const ERROR = 0;

async function faults(source) {
  const { document, diagnostics } = await new Parser().parse(source);
  const errors = diagnostics.filter((d) => d.severity === ERROR);
  if (!document && errors.length === 0) throw new Error('no document, and no word why');
  return errors.map((d) => `${d.path.join('.')}: ${d.message} (${d.code})`);
}

let bad = 0;
function expect(holds, what) {
  if (holds) return;
  bad += 1;
  console.error(`FAILED: ${what}`);
}

const found = await faults(text);
expect(found.length === 0, `the document is valid:\n  ${found.join('\n  ')}`);

const wrong = {
  'a reference that leads nowhere': ["'#/components/schemas/orgKey'", "'#/components/schemas/none'"],
  'an action that there is not': ['action: receive', 'action: listen'],
  'a member that nobody knows': ['  title: conntrail on Kafka', '  titel: conntrail on Kafka'],
};
for (const [what, [from, to]] of Object.entries(wrong)) {
  expect(text.includes(from), `"${from}" stands in the document`);
  expect((await faults(text.replace(from, to))).length > 0, `${what} is noticed`);
}

const { document } = await new Parser().parse(text);
const messages = document.allMessages().all().map((m) => m.name()).sort();
expect(messages.join() === 'event,outcome', `the messages are ${messages}`);
// The parser does not hold examples against their schemas.
const { schemas, messages: parts } = document.json().components;
const ajv = new Ajv({ strict: false });
addFormats(ajv);
const isHeaders = ajv.compile(schemas.eventHeaders);
const example = parts.event.examples[0].headers;
expect(isHeaders(example), `the example has the headers: ${ajv.errorsText(isHeaders.errors)}`);
for (const name of Object.keys(example)) {
  expect(!isHeaders({ ...example, [name]: 'x' }), `${name} is not just anything`);
}
console.log(`${process.argv[2]}: valid; messages ${messages.join(', ')}; example ${example.ce_type}`);
process.exit(bad === 0 ? 0 : 1);
