import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Caller } from "../contracts.ts";
import { RouterError } from "../errors.ts";

/** `server.auth` of the config in the form that answers in constant time. */
export interface Gate {
  /**
   * Who asks. A key says the tenant; a trusted gateway (by address) may name the tenant in its header
   * or, over RPC, in `claimed`. Errors: unauthenticated.
   */
  admit(from: { address: string | undefined; headers: Headers; claimed?: { key: string; tenant: string } }): Caller;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface AuthOptions {
  readonly keys: ReadonlyArray<{
    readonly key: string;
    readonly tenant: string;
    readonly models?: readonly string[] | undefined;
  }>;
  readonly trusted?: { readonly gateways: readonly string[]; readonly tenant_header: string } | undefined;
}

export function createGate(auth: "none" | AuthOptions): Gate {
  if (auth === "none") return { admit: () => ({ tenant: "default", trusted: false }) };

  // Looked up by digest, so that the time taken says nothing of how much of a guess was right.
  const callers = new Map<string, Caller>(
    auth.keys.map(({ key, tenant, models }) => [digest(key), { tenant, trusted: false, ...(models && { models }) }]),
  );
  const networks = (auth.trusted?.gateways ?? []).map((cidr) =>
    ipaddr.parseCIDR(cidr.includes("/") ? cidr : `${cidr}/${cidr.includes(":") ? 128 : 32}`),
  );
  const byKey = (key: string): Caller => {
    const caller = callers.get(digest(key));
    if (!caller) throw new RouterError("unauthenticated", "This client key is not known.");
    return caller;
  };

  return {
    admit({ address, headers, claimed }) {
      const trusted = isWithin(networks, address);
      const tenant = trusted ? claimed?.tenant || one(headers[auth.trusted!.tenant_header]) : undefined;
      // What a gateway carries in `authorization` is often meant for the upstream: its own word on the tenant goes first.
      if (tenant) return { tenant, trusted };
      const key = claimed?.key || credential(headers);
      if (key) return trusted ? { ...byKey(key), trusted } : byKey(key);
      if (trusted)
        throw new RouterError("unauthenticated", `The gateway named no tenant in ${auth.trusted!.tenant_header}.`);
      throw new RouterError("unauthenticated", "Send a client key: authorization: Bearer KEY, or x-api-key.");
    },
  };
}

function credential(headers: Headers): string | undefined {
  const bearer = /^bearer\s+(\S+)$/i.exec(one(headers["authorization"]) ?? "")?.[1];
  return bearer ?? one(headers["x-api-key"]);
}

const one = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];
const digest = (key: string): string => createHash("sha256").update(key).digest("hex");

function isWithin(networks: ReadonlyArray<[ipaddr.IPv4 | ipaddr.IPv6, number]>, address: string | undefined): boolean {
  if (networks.length === 0 || address === undefined || !ipaddr.isValid(address)) return false;
  const from = ipaddr.process(address);
  return networks.some(([network, bits]) => network.kind() === from.kind() && from.match(network, bits));
}
