// Writes a run's output to standard output until it is complete:  node watch.mjs http://127.0.0.1:8787/r/TOKEN
import { io } from "socket.io-client";

const link = new URL(process.argv[2]);
const token = link.pathname.split("/").pop();
let [at, run, fetching, hinted] = [0, {}, false, false]; // `at`: "I have up to here", all else follows from it

const socket = io(`${link.origin}/watch`, { auth: { link: token, protocol: 1 } });
socket.on("connect", catchUp); // also after a lost connection
socket.on("grown", catchUp); // a hint that there is more to fetch
socket.on("output", (message) => take(message.at, Buffer.from(message.data, "base64")));
socket.on("run", (now) => { run = now; leaveIfComplete(); });
socket.on("connect_error", (error) => error.data && fail(error.data)); // without data it tries again by itself

async function catchUp() {
  hinted = true; // also while fetching: a hint is not repeated
  if (fetching) return;
  fetching = true;
  try {
    while (hinted && socket.connected) {
      hinted = false;
      const now = await socket.timeout(20000).emitWithAck("watch", { from: at, events_from: 0 });
      if (now.error) fail(now.error);
      run = now.run;
      if (at >= now.end) continue; // up to date: what follows comes by `output`, or `grown` says so
      hinted = true;
      const from = at;
      const response = await fetch(`${link.href}/output?from=${from}&to=${now.end}`);
      if (!response.ok) fail({ message: await response.text() }); // 410: these bytes are damaged in the hub's store
      take(from, Buffer.from(await response.arrayBuffer()));
    }
  } catch { /* the connection was lost: `connect` will come again */ } finally { fetching = false; }
  if (hinted && socket.connected) setTimeout(catchUp, 1000); // it was in vain this time
  leaveIfComplete();
}
function take(from, data) {
  if (from > at) return catchUp(); // something is missing: fetch it
  process.stdout.write(data.subarray(at - from)); // what is there already is skipped
  at = Math.max(at, from + data.length);
  leaveIfComplete();
}
function leaveIfComplete() { if (run.complete && at >= run.size) socket.disconnect(); }
function fail({ message }) { console.error(message); process.exit(1); }
