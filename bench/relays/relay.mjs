// The relay that one writes first: each line that a publisher sends goes to everybody as a message of its own.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [modules, port] = process.argv.slice(2);
const { Server } = createRequire(`${modules}/`)("socket.io");
const http = createServer();
const io = new Server(http, { perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("publish", (line) => socket.broadcast.emit("line", line));
});
http.listen(Number(port), "127.0.0.1");
