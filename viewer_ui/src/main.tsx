/** Opens the page of the run whose link is this page's address. */

import { render } from "preact";
import { App } from "./components/app";
import { debugHandle } from "./debug";
import { Session } from "./feed/session";
import { speak } from "./messages";
import { startTheme } from "./theme";
import "./style.css";

startTheme();
const token = location.pathname.split("/").pop() ?? "";
const session = new Session(token);
const page = document.getElementById("page");
void speak().then(() => page && render(<App session={session} />, page));

addEventListener("online", () => session.wake());
document.addEventListener("visibilitychange", () => document.hidden || session.wake());
debugHandle(session);
void session.start();
