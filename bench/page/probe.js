// Runs in the page before its own scripts: says what was painted when, and how long the page was deaf meanwhile.
const probe = { blocked: 0, frames: 0, frame: 0 };
window.probe = probe;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) probe.blocked = Math.max(probe.blocked, duration);
}).observe({ type: "longtask", buffered: true });

// Resolves to when a row with `text` in sight was painted, in ms since 1970.
probe.painted = (text) =>
  new Promise((resolve) => {
    const look = () => {
      const log = document.querySelector('[role="log"]');
      const box = log?.getBoundingClientRect();
      const inSight = (row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top < box.bottom && bottom > box.top;
      };
      const found = [...(log?.querySelectorAll(".row") ?? [])].some((row) => row.textContent.includes(text) && inSight(row));
      // After the frame in which it is drawn there is another one.
      if (found) requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  });

// Turns the wheel, so to speak, by `pixels` in each of `count` frames; resolves to the longest frame in ms.
probe.scroll = (pixels, count) =>
  new Promise((resolve) => {
    const log = document.querySelector('[role="log"]');
    let [last, longest, left] = [performance.now(), 0, count];
    const frame = (now) => {
      if (left < count) longest = Math.max(longest, now - last);
      last = now;
      if (!left--) return resolve(longest);
      log.scrollTop += pixels;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });

// The SHA-256 of the text of all lines, a newline after each, read as a reader would copy it.
probe.sha256 = async (rows) => {
  const pieces = [];
  for (let row = 0; row < rows; row += 50_000) pieces.push(`${await window.progress.read(row, Math.min(rows, row + 50_000))}\n`);
  const sum = await crypto.subtle.digest("SHA-256", await new Blob(pieces).arrayBuffer());
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
