/** What this reader has errors and warnings recognised by. */

import { t } from "../messages";
import { PATTERNS, type Problem } from "./problems";
import { usePatterns } from "./use_problems";

const LEVELS: readonly Problem[] = ["error", "warning"];

export function Patterns() {
  const patterns = usePatterns();
  const again = () => {
    for (const level of LEVELS) patterns[level][1](PATTERNS[level]);
  };
  return (
    <>
      {LEVELS.map((level) => (
        <label key={level}>
          <span>{t.search.problems[level]}</span>
          <input
            type="text"
            value={patterns[level][0]}
            maxLength={1000}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onChange={({ currentTarget }) => patterns[level][1](currentTarget.value || PATTERNS[level])}
          />
        </label>
      ))}
      <button type="button" onClick={again}>
        {t.search.problems.again}
      </button>
    </>
  );
}
