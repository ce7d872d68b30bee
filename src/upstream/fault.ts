/** Client errors that say something of this target (its key, its model name, its load) and nothing of the request. */
const TARGETS_OWN = new Set([401, 403, 404, 405, 408, 409, 425, 429]);

/** Whether another target may do better where this one answered `status`. 0 stands for no answer at all. */
export function isTargetsFault(status: number): boolean {
  return status < 200 || status >= 500 || (status >= 300 && status < 400) || TARGETS_OWN.has(status);
}
