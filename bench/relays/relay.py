"""The same with Flask-SocketIO on eventlet: each line goes to everybody as a message of its own."""

from __future__ import annotations

import sys

import flask
import flask_socketio

app = flask.Flask(__name__)
io = flask_socketio.SocketIO(app, async_mode="eventlet")


@io.on("publish")  # type: ignore[untyped-decorator]
def publish(line: str) -> None:
    """A line has come."""
    flask_socketio.emit("line", line, broadcast=True, include_self=False)


if __name__ == "__main__":
    io.run(app, "127.0.0.1", int(sys.argv[1]))
