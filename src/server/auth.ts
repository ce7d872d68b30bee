import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Caller } from "../contracts.ts";
import { RouterError } from "../errors.ts";

/** `server.auth` of the config in the form that answers in constant time. */
export interface Gate {
  /**
   * Who asks. A key says the tenant and its models. A trusted gateway (by address) may name the tenant in its header
   * or, over RPC, in `claimed`. A key that it passes on in `claimed` binds like any other: it must be known, its models
   * hold, and a tenant that is named beside it must be the key's own.
   * Errors: unauthenticated; forbidden for the key of another tenant.
   */
  admit(from: Asking & { claimed?: { key: string; tenant: string } }): Caller;
  /**
   * True when the head of a request alone says that somebody asks who may; false where only a key in the body could.
   * Errors: unauthenticated, where not even that could.
   */
  isKnown(from: Asking): boolean;
}

interface Asking {
  readonly address: string | undefined;
  readonly headers: Headers;
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

/** It is kept with every decision for an hour. */
const LONGEST_TENANT = 128;

export function createGate(auth: "none" | AuthOptions): Gate {
  if (auth === "none") return { admit: () => ({ tenant: "default", trusted: false }), isKnown: () => true };

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
      const passedOn = claimed?.key ? byKey(claimed.key) : undefined;
      if (passedOn && tenant && tenant !== passedOn.tenant)
        throw new RouterError("forbidden", "The client key belongs to another tenant than the one that is named.");
      if (tenant && tenant.length > LONGEST_TENANT)
        throw new RouterError("invalid_request", `A tenant has at most ${LONGEST_TENANT} characters.`, {
          param: "tenant",
        });
      // What a gateway carries in `authorization` is often meant for the upstream: its own word on the tenant goes first.
      if (!passedOn && tenant) return { tenant, trusted };
      const key = credential(headers);
      const caller = passedOn ?? (key ? byKey(key) : undefined);
      if (caller) return trusted ? { ...caller, trusted } : caller;
      if (trusted)
        throw new RouterError("unauthenticated", `The gateway named no tenant in ${auth.trusted!.tenant_header}.`);
      throw nobody();
    },
    isKnown({ address, headers }) {
      const key = credential(headers);
      if (isWithin(networks, address) || (key && callers.has(digest(key)))) return true;
      if (callers.size === 0) throw nobody();
      return false;
    },
  };
}

const nobody = (): RouterError =>
  new RouterError("unauthenticated", "Send a client key: authorization: Bearer KEY, or x-api-key.");

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
