/** Where the hub is within its site: at `/`, unless a proxy has it below a path. */

const RUN = /(?<=\/)r\/[^/]+$/;

/** The hub's own path, which ends with a slash. */
export function root(): string {
  return location.pathname.replace(RUN, "");
}

/** Whether this address is that of a run, not of the list. */
export function isRun(): boolean {
  return RUN.test(location.pathname);
}
