// Publishes standard input as a run:  make 2>&1 | node publish.mjs http://127.0.0.1:8787 KEY
import { createHash, randomBytes } from "node:crypto";
import { io } from "socket.io-client";

const [hub, key] = process.argv.slice(2);
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const started = Date.now() / 1000;
const t = () => Date.now() / 1000 - started;
const [run, token] = [`example-${Date.now()}`, randomBytes(24).toString("base64url")];
const opening = { run, epoch: 1, meta: { command: ["stdin"], started }, links: [{ role: "view", sha256: sha256(token) }] };
let [output, ended, sent, hubHas] = [Buffer.alloc(0), false, 0, undefined];

const socket = io(`${hub}/publish`, { auth: { key, protocol: 1 }, transports: ["websocket"] });
socket.on("connect", () => socket.emit("open", opening, resume)); // also after a lost connection
socket.on("need", resume); // a gap was refused
socket.on("ack", (position) => { hubHas = position; send(); }); // durable up to here
socket.on("connect_error", (error) => error.data && fail(error.data)); // without data it tries again by itself
socket.on("fenced", () => fail({ message: "Another publisher has taken this run." }));
for await (const data of process.stdin) { output = Buffer.concat([output, data]); send(); }
ended = true;
send();

function resume(position) {
  if (position.error) fail(position.error);
  if (!hubHas) console.log(`${hub}/r/${token}`); // from now on there is something to see
  hubHas = position;
  sent = position.end;
  send();
}
function fail({ message }) { console.error(message); process.exit(1); }
function send() { // at most 256 KiB in flight, at most 64 KiB of it in one message
  if (!hubHas) return;
  for (let data; sent < output.length && sent - hubHas.end < 262144; sent += data.length) {
    data = output.subarray(sent, sent + 65536);
    socket.emit("append", { run, epoch: 1, at: sent, t: t(), data, codec: "" });
  }
  if (!ended || hubHas.end < output.length) return;
  const exit = { seq: 0, t: t(), at: sent, kind: "exit", code: 0, signal: null };
  if (!hubHas.events_end) socket.emit("event", { run, epoch: 1, events: [exit] });
  else socket.emit("seal", { run, epoch: 1, size: sent, sha256: sha256(output) }, () => socket.disconnect());
}
