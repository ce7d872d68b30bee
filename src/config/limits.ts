/** How much a config may hold. Far above any real one, low enough that none can stall the process. */
export const LARGEST_FILE = 1_048_576;
export const LARGEST_SECRET_FILE = 65_536;
export const LONGEST_SECRET = 65_536;
export const MOST_TOKENS = 200_000;
export const MOST_NODES = 100_000;
export const DEEPEST = 32;
export const MOST_PROBLEMS = 50;
