import { existsSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { createSecrets, maskReferences } from "../config/secrets.ts";
import { addressOf } from "../config/server.ts";
import { isStandIn, standInFor } from "../config/stand-in.ts";
import { accepted, configOption, DEFAULT_CONFIG, jsonOption, readConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import { readWhole } from "./input.ts";
import { printable } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

export interface AdminOptions {
  readonly config?: string;
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** Where a running server takes what its operator asks. */
export interface AdminPort {
  readonly url: string;
  readonly token: string | undefined;
}

export function adminCommand(name: string): Command {
  return new Command(name)
    .addOption(configOption())
    .option("--url <url>", "the admin port of the running server (default: server.admin.listen of the config)")
    .option("--token <token>", "its token, best as '${NAME}' or '${file:PATH}' (default: that of the config)")
    .addOption(jsonOption());
}

/** What serves without a config listens here. */
const USUAL: AdminPort = { url: "http://127.0.0.1:9090", token: undefined };

/** By the command line, then by the config. The token of a config is sent only to where that config leads, or by its name. */
export async function findAdminPort(terminal: Terminal, options: AdminOptions): Promise<AdminPort> {
  const { config, url, token } = options;
  const given = token === undefined ? undefined : filled(terminal, token);
  const path = config ?? (url === undefined && existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : undefined);
  const base = url === undefined ? undefined : baseOf(url);
  if (path === undefined) return { url: base ?? USUAL.url, token: given };
  const { server } = accepted(await readConfig(terminal, path, standInFor), path).config;
  const own = given ?? server.admin.token;
  if (own !== undefined && isStandIn(own))
    throw new Failure(`what server.admin.token of ${path} refers to is not set here: set it, or give --token`);
  return { url: base ?? urlOf(server.admin.listen, path), token: own };
}

function filled({ env }: Terminal, text: string): string {
  const readFile = (path: string) => readFileSync(path, "utf8");
  const found = createSecrets({ env, readFile }).fill(maskReferences(text));
  if ("message" in found) throw new Failure(`--token: ${found.message}`, { code: "usage" });
  if (!/^[\u0021-\u007E]+$/u.test(found.text))
    throw new Failure("--token: a token is plain ASCII without spaces", { code: "usage" });
  return found.text;
}

function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/u.test(url.protocol) || url.username !== "" || url.search !== "")
    throw new Failure("--url: expected a base URL such as http://127.0.0.1:9090", { code: "usage" });
  return `${url.origin}${url.pathname}`.replace(/\/+$/u, "");
}

const EVERYWHERE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

function urlOf(listen: string, path: string): string {
  const { host, port } = addressOf(listen)!;
  if (port === 0)
    throw new Failure(`server.admin.listen of ${path} takes any free port: give the one that it took with --url`);
  const reached = EVERYWHERE[host] ?? host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}

/** A purge may wait for a database; the server says so when it gives up. */
const PATIENCE_MS = 60_000;
const MOST_BYTES = 65_536;

const refusal = z.object({ code: z.string(), message: z.string() });

/** Asks AdminService of a running server. Errors: Failure, which says what to do. */
export async function askAdmin<T extends z.ZodType>(
  port: AdminPort,
  method: "GetCacheStats" | "PurgeCache",
  message: object,
  form: T,
): Promise<z.output<T>> {
  const answer = await send(port, method, message);
  const json = await bodyOf(answer);
  const code = answer.headers.get("x-signalbox-error");
  const refused = answer.ok ? undefined : refusal.safeParse(json).data;
  if (code === "unauthenticated") throw unauthenticated(port);
  if (code !== null && code !== "unknown_path" && refused)
    throw new Failure(`${port.url} refuses: ${printable(refused.message)}`, { code });
  const read = answer.ok ? form.safeParse(json) : undefined;
  if (read?.success) return read.data;
  throw new Failure(
    `what answers on ${port.url} is no admin port that knows ${method}: give that of server.admin.listen with --url`,
    { code: "unreachable" },
  );
}

async function send({ url, token }: AdminPort, method: string, message: object): Promise<Response> {
  try {
    return await fetch(`${url}/signalbox.v1.AdminService/${method}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(PATIENCE_MS),
      redirect: "error",
    });
  } catch (error) {
    throw new Failure(whyUnreached(url, error), { code: "unreachable", cause: error });
  }
}

function whyUnreached(url: string, error: unknown): string {
  if (error instanceof DOMException) return `${url} did not answer within ${PATIENCE_MS / 1000} s`;
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  if (code === "ECONNREFUSED")
    return `nobody listens on ${url}: is the server running, and is this its server.admin.listen?`;
  return `${url} cannot be reached${typeof code === "string" ? ` (${code})` : ""}: is this the admin port?`;
}

/** Undefined for what is no JSON, or more than it could be. */
async function bodyOf({ body }: Response): Promise<unknown> {
  try {
    return body ? JSON.parse(new TextDecoder().decode(await readWhole(body, MOST_BYTES))) : undefined;
  } catch {
    return undefined;
  }
}

function unauthenticated({ url, token }: AdminPort): Failure {
  const message =
    token === undefined
      ? `${url} wants its token: give --token, or --config with the file that the server was started with`
      : `${url} does not take this token: is it that of server.admin.token?`;
  return new Failure(message, { code: "unauthenticated" });
}
