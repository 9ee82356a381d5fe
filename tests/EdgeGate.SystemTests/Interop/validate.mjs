// node validate.mjs TOOLS DOCUMENTS TRAFFIC
// Checks the AsyncAPI document with its public parser, and every message of a recorded run (mosquitto_sub -F %j) with ajv against its schema.
// To show that the schemas can say no, each is also offered the same message without each of its required members.
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const [tools, documents, traffic] = process.argv.slice(2);
const require = createRequire(path.join(tools, "package.json"));
const { Parser } = require("@asyncapi/parser");
const Ajv = require("ajv/dist/2020").default;

const faults = [];
const text = fs.readFileSync(path.join(documents, "asyncapi.json"), "utf8");
const { document, diagnostics } = await new Parser().parse(text);
for (const said of diagnostics.filter(said => said.severity <= 1)) faults.push(`asyncapi ${said.path.join(".")}: ${said.message}`);
if (!document) faults.push("asyncapi: the parser made nothing of it");

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false });
ajv.addFormat("date-time", value => !Number.isNaN(Date.parse(value)) && /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/.test(value));
ajv.addFormat("uuid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
ajv.addFormat("date", /^\d{4}-\d\d-\d\d$/);
const checks = {};
for (const file of fs.readdirSync(path.join(documents, "schemas")))
  checks[file.replace(".schema.json", "")] = ajv.compile(JSON.parse(fs.readFileSync(path.join(documents, "schemas", file), "utf8")));

const byTopic = { state: "state", tally: "tally", replies: "reply", receipt: "receipt" };
const counts = {};
for (const line of fs.readFileSync(traffic, "utf8").split("\n").filter(line => line)) {
  const { topic, payload, retain } = JSON.parse(line);
  const levels = topic.split("/");
  if (levels[4] === "commands") {
    const [header, claims] = payload.split(".").slice(0, 2).map(part => JSON.parse(Buffer.from(part, "base64url").toString()));
    if (header.alg !== "ES256" || header.typ !== "edgegate-command") faults.push(`${topic}: header ${JSON.stringify(header)}`);
    check("command-claims", claims, topic);
    continue;
  }
  const message = JSON.parse(payload);
  if (levels[0] === "homeassistant") {
    counts["home-assistant"] = (counts["home-assistant"] ?? 0) + 1;
    continue;
  }
  check(levels[3] === "occupancy" ? "occupancy" : levels[4] === "devices" ? "device" : byTopic[levels[4]] ?? message.type, message, topic);
}

function check(name, message, topic) {
  const valid = checks[name];
  if (!valid) return faults.push(`${topic}: there is no schema ${name}`);
  if (!valid(message)) return faults.push(`${topic}: ${ajv.errorsText(valid.errors)} in ${JSON.stringify(message).slice(0, 400)}`);
  if (counts[name] === undefined) {
    for (const member of valid.schema.required ?? []) {
      const { [member]: _, ...without } = message;
      if (valid(without)) faults.push(`${name}: the schema takes a message without ${member}`);
    }
    if (message.data) {
      for (const member of valid.schema.properties.data.required ?? []) {
        const { [member]: _, ...without } = message.data;
        if (valid({ ...message, data: without })) faults.push(`${name}: the schema takes data without ${member}`);
      }
    }
  }
  counts[name] = (counts[name] ?? 0) + 1;
}

console.log(`asyncapi ${document?.version()}: ${document?.channels().all().length ?? 0} channels, ${Object.keys(checks).length} schemas; checked ${JSON.stringify(counts)}`);
for (const fault of [...new Set(faults)].slice(0, 20)) console.error(fault);
process.exit(faults.length ? 1 : 0);
