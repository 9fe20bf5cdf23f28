/** The end of the table: shows more of it when it comes in sight. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages";

interface Props {
  /** There is no run that matches. */
  nothing: boolean;
  looking: boolean;
  more: boolean;
  onMore: () => void;
}

export function More({ nothing, looking, more, onMore }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return;
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore());
    seen.observe(button.current);
    return () => seen.disconnect();
  });
  return (
    <p class="more-runs" role="status">
      {nothing && t.list.noMatch}
      {looking && t.list.looking}
      {more && !looking && (
        <button type="button" ref={button} onClick={onMore}>
          {t.list.older}
        </button>
      )}
    </p>
  );
}
