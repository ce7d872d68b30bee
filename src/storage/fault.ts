/**
 * What keeps a file from being read or written. `foreign`: it is somebody else's; `newer`, `older`: another version's;
 * `away`: it is a server that cannot be used now.
 */
export type StorageProblem =
  | "busy"
  | "full"
  | "unwritable"
  | "corrupt"
  | "foreign"
  | "newer"
  | "older"
  | "away"
  | "failed";

/** A file of ours that cannot be used now. The message is our own sentence; `code` is that of SQLite or the system. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly problem: StorageProblem;
  readonly code: string;

  constructor(problem: StorageProblem, message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.problem = problem;
    this.code = details.code ?? problem.toUpperCase();
  }
}

/** Primary result codes of SQLite; an extended code has one of them in its lowest byte. */
const PRIMARY = 0xff;
const BY_RESULT: ReadonlyMap<number, readonly [problem: StorageProblem, code: string]> = new Map([
  [5, ["busy", "SQLITE_BUSY"]],
  [6, ["busy", "SQLITE_LOCKED"]],
  [8, ["unwritable", "SQLITE_READONLY"]],
  [10, ["unwritable", "SQLITE_IOERR"]],
  [11, ["corrupt", "SQLITE_CORRUPT"]],
  [13, ["full", "SQLITE_FULL"]],
  [14, ["unwritable", "SQLITE_CANTOPEN"]],
  [26, ["corrupt", "SQLITE_NOTADB"]],
]);
const BY_SYSTEM: ReadonlyMap<string, StorageProblem> = new Map([
  ["ENOSPC", "full"],
  ["EDQUOT", "full"],
  ["EACCES", "unwritable"],
  ["EPERM", "unwritable"],
  ["EROFS", "unwritable"],
  ["EISDIR", "unwritable"],
  ["ENOTDIR", "unwritable"],
  ["EEXIST", "unwritable"],
]);
const SENTENCES: Readonly<Record<StorageProblem, string>> = {
  busy: "is locked by another process",
  full: "cannot grow: the disk is full",
  unwritable: "cannot be opened or written",
  corrupt: "is no sound database",
  foreign: "is a database of another program",
  newer: "was written by a newer version",
  older: "was written by an older version, and is brought to the present form when the server starts",
  away: "cannot be reached",
  failed: "failed",
};

export function problemWith(path: string, problem: StorageProblem, details: { code?: string; cause?: unknown } = {}) {
  return new StorageError(problem, `${path} ${SENTENCES[problem]}.`, details);
}

/** Whatever SQLite or the file system threw, as the error of the file at `path`. */
export function storageError(path: string, caught: unknown): StorageError {
  if (caught instanceof StorageError) return caught;
  const { errcode, code } = caught as { errcode?: unknown; code?: unknown };
  const [problem, name] = (typeof errcode === "number" ? BY_RESULT.get(errcode & PRIMARY) : undefined) ?? [];
  if (problem && name) return problemWith(path, problem, { code: name, cause: caught });
  const system = typeof code === "string" ? code : "UNKNOWN";
  return problemWith(path, BY_SYSTEM.get(system) ?? "failed", { code: system, cause: caught });
}
