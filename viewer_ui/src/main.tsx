/** Opens the page that this address stands for: the run whose link it is, or the list of all runs. */

import { render } from "preact";
import { App } from "./components/app";
import { debugHandle } from "./debug";
import { Session } from "./feed/session";
import { findKey, startAnew, takeKey } from "./key";
import { speak } from "./messages";
import { isRun } from "./root";
import { startTheme } from "./theme";
import "./style.css";

startTheme();
addEventListener("hashchange", () => takeKey() && startAnew());
const page = document.getElementById("page");
if (page && !isRun()) void Promise.all([import("./list"), speak()]).then(([list]) => list.open(page));
else if (page) openRun(page);

function openRun(page: HTMLElement): void {
  findKey();
  const session = new Session(location.pathname.split("/").pop() ?? "");
  const spoken = speak();
  void spoken.then(() => render(<App session={session} />, page));
  addEventListener("online", () => session.wake());
  document.addEventListener("visibilitychange", () => document.hidden || session.wake());
  debugHandle(session);
  void session.start(spoken);
}
