// A viewer that owes our page nothing: plain socket.io-client and fetch. Writes what it gets of a run's output to a file;
// says "following" once it is up to date, and ends when it has the whole of a run that is complete.
//
//     node node_viewer.mjs HUB_URL TOKEN FILE

import { openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";

const { io } = createRequire(new URL("../../viewer_ui/package.json", import.meta.url))("socket.io-client");

const [url, token, file] = process.argv.slice(2);
const copy = openSync(file, "w");
const have = { output: 0, events: 0 };
let run = {};
let asking = false;
let askAgain = false;

const socket = io(`${url}/watch`, {
  auth: { link: token, protocol: 1 },
  reconnectionDelay: 100,
  reconnectionDelayMax: 1000,
});
socket.on("connect", catchUp);
// The library comes back by itself after everything but a close by the hub.
socket.on("disconnect", (reason) => reason === "io server disconnect" && setTimeout(() => socket.connect(), 100));
socket.on("output", ({ at, data }) => takeOutput(at, Buffer.from(data, "base64")));
socket.on("events", ({ events }) => takeEvents(events));
socket.on("grown", catchUp);
socket.on("run", take);

function takeOutput(at, bytes) {
  if (at > have.output) return catchUp();
  for (let fresh = bytes.subarray(have.output - at); fresh.length; fresh = bytes.subarray(have.output - at))
    have.output += writeSync(copy, fresh);
  endIfWhole();
}

function takeEvents(events) {
  for (const { seq } of events) if (seq === have.events) have.events++;
}

function take(told) {
  run = told;
  endIfWhole();
}

function endIfWhole() {
  if (run.complete && run.size === have.output) {
    console.log("complete");
    process.exit(0);
  }
}

/** Says how far we are and fetches what is missing, until nothing is. */
async function catchUp() {
  askAgain = true;
  if (asking) return;
  asking = true;
  while (askAgain) {
    askAgain = false;
    try {
      askAgain = (await ask()) || askAgain; // a hint may have come meanwhile
    } catch (error) {
      console.log(`${error}`); // the hub has gone; "connect" brings us here again
      askAgain ||= socket.connected;
    }
  }
  asking = false;
}

/** Whether there was something to fetch. */
async function ask() {
  const answer = await socket.timeout(10_000).emitWithAck("watch", { from: have.output, events_from: have.events });
  if (answer.error) throw new Error(answer.error.message);
  take(answer.run);
  const isBehind = answer.end > have.output || answer.events_end > have.events;
  if (isBehind) await fetchMissing(have.output, have.events);
  else console.log("following");
  return isBehind;
}

async function fetchMissing(from, eventsFrom) {
  for await (const bytes of (await get(`output?from=${from}`)).body) {
    takeOutput(from, bytes); // what came before a connection breaks off is kept
    from += bytes.length;
  }
  const lines = (await (await get(`events?from=${eventsFrom}`)).text()).split("\n");
  takeEvents(lines.filter(Boolean).map((line) => JSON.parse(line)));
}

async function get(path) {
  const response = await fetch(`${url}/r/${token}/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}
