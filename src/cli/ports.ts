import { createServer } from "node:net";
import type { Address } from "../config/server.ts";

/** What stands in the way of listening there: nothing, a Signalbox that serves already, or the system's word for it. */
export async function portState({ host, port }: Address): Promise<"free" | "ours" | { readonly code: string }> {
  const code = await listenFault(host, port);
  if (code === undefined) return "free";
  return code === "EADDRINUSE" && (await isSignalbox(host, port)) ? "ours" : { code };
}

/** What to do where the system will not let a port be opened; `key` is what names its address. */
export function portAdvice(code: string, key: string): string | undefined {
  return PORT_ADVICE[code]?.replace("KEY", key);
}

const PORT_ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there: stop it, or choose another KEY",
  EACCES: "this user may not: choose a KEY above 1023",
  EADDRNOTAVAIL: "this machine has no such address: correct KEY",
};

function listenFault(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const server = createServer();
  server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown"));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  return promise;
}

const PATIENCE_MS = 1000;

async function isSignalbox(host: string, port: number): Promise<boolean> {
  try {
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}/healthz`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
    return answer.ok && (await answer.text()) === '{"status":"ok"}';
  } catch {
    return false;
  }
}
