/** What a status says: the request was answered, another target may do better, or this target is no use to anybody now. */
export type Verdict = "answered" | "elsewhere" | "down";

/** Its key, its load: whatever is asked of it next would fare the same. */
const DOWN = new Set([401, 408, 425, 429]);
/** A model, path or file that it does not have. A client can bring these about, so no breaker may count them. */
const ELSEWHERE = new Set([403, 404, 405, 409]);

/** 0 stands for no answer at all. */
export function verdictOn(status: number): Verdict {
  if (status < 200 || status >= 500 || (status >= 300 && status < 400) || DOWN.has(status)) return "down";
  return ELSEWHERE.has(status) ? "elsewhere" : "answered";
}
