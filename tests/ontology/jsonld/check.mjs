// node check.mjs CASES ONTOLOGY: does the jsonld library of Node read the framed documents as the triples they came from?
//
// CASES holds one JSON object a line: {"iri", "document", "quads", "frame"?}.  A document must hold exactly the quads;
// with a frame, the quads framed here must hold them too.  ONTOLOGY is the folder of the context and the frames, which
// are handed out by their public addresses; nothing is fetched.
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import jsonld from "jsonld";

const BASE = "https://w3id.org/neakg/";
const [cases, ontology] = process.argv.slice(2);

const read = (name) => JSON.parse(readFileSync(join(ontology, name), "utf8"));
const context = read("context.jsonld");

async function documentLoader(address) {
  if (address !== `${BASE}context.jsonld`) throw new Error(`nothing is fetched: ${address}`);
  return { contextUrl: null, documentUrl: address, document: context };
}

const canonical = (input, options = {}) =>
  jsonld.canonize(input, { algorithm: "RDFC-1.0", format: "application/n-quads", safe: true, documentLoader, ...options });

async function wrong({ iri, document, quads, frame }) {
  const expected = await canonical(quads, { inputFormat: "application/n-quads" });
  if ((await canonical(document)) !== expected) return "the document says something else";
  if (!frame) return null;
  const nodes = await jsonld.fromRDF(quads, { format: "application/n-quads" });
  const framed = await jsonld.frame(nodes, { ...read(`frames/${frame}.jsonld`), id: iri }, { documentLoader });
  return (await canonical(framed)) === expected ? null : `framed with ${frame}, it says something else`;
}

let passed = 0;
let framed = 0;
let failed = 0;
for await (const line of createInterface({ input: createReadStream(cases), crlfDelay: Infinity })) {
  const found = JSON.parse(line);
  const reason = await wrong(found).catch((error) => String(error));
  if (reason) {
    failed += 1;
    console.error(`${found.iri}: ${reason}`);
  } else {
    passed += 1;
    framed += found.frame ? 1 : 0;
  }
}
console.log(JSON.stringify({ passed, framed, failed }));
process.exitCode = failed || !passed ? 1 : 0;
