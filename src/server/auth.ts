import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Caller } from "../contracts.ts";
import { RouterError } from "../errors.ts";
import type { KeyLimits } from "./allowances.ts";
import type { Guesses } from "./guesses.ts";

/** `server.auth` of the config in the form that answers in constant time. */
export interface Gate {
  /**
   * Who asks. A key says the tenant and its models. A trusted gateway (by address) may name the tenant in its header
   * or, over RPC, in `claimed`. A key that it passes on in `claimed` binds like any other: it must be known, its models
   * hold, and a tenant that is named beside it must be the key's own. Keys that are not known are counted by address.
   * Errors: unauthenticated; forbidden for the key of another tenant; rate_limited for an address that guesses.
   */
  admit(from: Asking & { claimed?: { key: string; tenant: string } }): Admission;
  /**
   * True when the head of a request alone says that somebody asks who may; false where only a key in the body could.
   * Errors: unauthenticated, where not even that could; rate_limited.
   */
  isKnown(from: Asking): boolean;
}

interface Admission {
  readonly caller: Caller;
  /** There where the key has limits of its own; `key` is its digest. */
  readonly bound?: { readonly key: string; readonly limits: KeyLimits };
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
    readonly limits?: KeyLimits | undefined;
  }>;
  /** Addresses or networks of gateways. */
  readonly trusted?: readonly string[] | undefined;
  readonly tenant_header: string;
}

/** It is kept with every decision for an hour. */
const LONGEST_TENANT = 128;

export function createGate(auth: "none" | AuthOptions, guesses: Guesses): Gate {
  if (auth === "none") {
    return { admit: () => ({ caller: { tenant: "default", trusted: false } }), isKnown: () => true };
  }

  // Looked up by digest, so that the time taken says nothing of how much of a guess was right.
  const holders = new Map(auth.keys.map((entry) => [digest(entry.key), admissionOf(entry)]));
  const networks = (auth.trusted ?? []).map((cidr) =>
    ipaddr.parseCIDR(cidr.includes("/") ? cidr : `${cidr}/${cidr.includes(":") ? 128 : 32}`),
  );
  const byKey = (key: string, address: string | undefined, trusted: boolean): Admission => {
    const holder = holders.get(digest(key));
    if (holder) return trusted ? { ...holder, caller: { ...holder.caller, trusted } } : holder;
    // A gateway shows the keys of many.
    if (!trusted) guesses.missed(address);
    throw new RouterError("unauthenticated", "This client key is not known.");
  };

  return {
    admit({ address, headers, claimed }) {
      const trusted = isWithin(networks, address);
      if (!trusted) guesses.heed(address);
      const tenant = trusted ? claimed?.tenant || one(headers[auth.tenant_header]) : undefined;
      const passedOn = claimed?.key ? byKey(claimed.key, address, trusted) : undefined;
      if (passedOn && tenant && tenant !== passedOn.caller.tenant)
        throw new RouterError("forbidden", "The client key belongs to another tenant than the one that is named.");
      if (tenant && tenant.length > LONGEST_TENANT)
        throw new RouterError("invalid_request", `A tenant has at most ${LONGEST_TENANT} characters.`, {
          param: "tenant",
        });
      // What a gateway carries in `authorization` is often meant for the upstream: its own word on the tenant goes first.
      if (!passedOn && tenant) return { caller: { tenant, trusted } };
      const key = credential(headers);
      const holder = passedOn ?? (key ? byKey(key, address, trusted) : undefined);
      if (holder) return holder;
      if (trusted) throw new RouterError("unauthenticated", `The gateway named no tenant in ${auth.tenant_header}.`);
      throw nobody();
    },
    isKnown({ address, headers }) {
      if (isWithin(networks, address)) return true;
      guesses.heed(address);
      const key = credential(headers);
      if (key && holders.has(digest(key))) return true;
      if (holders.size === 0) throw nobody();
      return false;
    },
  };
}

function admissionOf({ key, tenant, models, limits }: AuthOptions["keys"][number]): Admission {
  const caller = { tenant, trusted: false, ...(models && { models }) };
  return limits ? { caller, bound: { key: digest(key), limits } } : { caller };
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
