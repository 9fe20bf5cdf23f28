/** How this reader wants to see logs: kept in the browser, changed by keys and in the settings. */

import { useEffect } from "preact/hooks";
import { useMedia } from "../components/media";
import { useStored } from "../components/stored";
import { showTheme, THEME_KEY, THEMES, type Theme } from "../theme";
import type { Times } from "./times";

export const TIMES: readonly Times[] = ["none", "relative", "absolute", "previous"];
export const SIZES = [10, 11, 12, 13, 14, 15, 16, 18, 20];

const PHONE = matchMedia("(max-width: 640px)");

export function useSettings() {
  const phone = useMedia(PHONE);
  const [wrap, setWrap] = useStored("wrap", phone);
  const [size, setSize] = useStored("size", phone ? 12 : 13, SIZES);
  const [times, setTimes] = useStored<Times>("times", "none", TIMES);
  const [theme, setTheme] = useStored<Theme>(THEME_KEY, "auto", THEMES);
  const [keys, setKeys] = useStored("keys", true);
  return { wrap, setWrap, size, setSize, times, setTimes, theme, setTheme, keys, setKeys };
}

/** Shows the page in the chosen colours and size. */
export function useLooks(): void {
  const { size, theme } = useSettings();
  useEffect(() => {
    document.documentElement.style.setProperty("--log-size", `${size}px`);
  }, [size]);
  useEffect(() => showTheme(theme), [theme]);
}
