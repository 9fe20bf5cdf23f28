/** A part of the panel under its title. */

import type { ComponentChildren } from "preact";

export function Section({ title, children }: { title: ComponentChildren; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
