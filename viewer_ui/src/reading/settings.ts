/** How this reader wants to see logs: kept in the browser, changed by keys and in the settings. */

import { useEffect } from "preact/hooks";
import { useMedia } from "../components/media";
import { useStored } from "../components/stored";
import type { Times } from "./times";

export const TIMES: readonly Times[] = ["none", "relative", "absolute", "previous"];
export const SIZES = [10, 11, 12, 13, 14, 15, 16, 18, 20];
export const THEMES = ["auto", "light", "dark", "contrast"] as const;
export type Theme = (typeof THEMES)[number];

const PHONE = matchMedia("(max-width: 640px)");

export function useSettings() {
  const phone = useMedia(PHONE);
  const [wrap, setWrap] = useStored("wrap", phone);
  const [size, setSize] = useStored("size", phone ? 12 : 13, SIZES);
  const [times, setTimes] = useStored<Times>("times", "none", TIMES);
  const [theme, setTheme] = useStored<Theme>("theme", "auto", THEMES);
  const [keys, setKeys] = useStored("keys", true);
  return { wrap, setWrap, size, setSize, times, setTimes, theme, setTheme, keys, setKeys };
}

/** Shows the page in the chosen colours and size. */
export function useLooks(): void {
  const { size, theme } = useSettings();
  useEffect(() => {
    const { dataset, style } = document.documentElement;
    style.setProperty("--log-size", `${size}px`);
    if (theme === "auto") delete dataset.theme;
    else dataset.theme = theme;
  }, [size, theme]);
}
