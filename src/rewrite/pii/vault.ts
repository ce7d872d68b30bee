import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import type { Clock, Placeholders } from "../../contracts.ts";
import { placeholdersOf } from "./placeholders.ts";

/** Keeps the placeholders of conversations between their requests, encrypted for their tenant. */
export interface Vault {
  /** None where nothing is kept, or nothing that this key opens. */
  open(tenant: string, conversation: string): Placeholders;
  keep(tenant: string, conversation: string, placeholders: Placeholders): void;
}

/** Where sealed bytes lie. Its keys say nothing of whose they are. */
export interface Shelf {
  get(key: string): Uint8Array | undefined;
  set(key: string, sealed: Uint8Array): void;
}

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A larger map is not kept: bytes. */
const MOST_BYTES = 1024 * 1024;

/** A shelf in memory: the longest unused goes first. */
export function createShelf(limits: {
  readonly entries: number;
  readonly bytes: number;
  readonly windowMs: number;
  readonly clock: Clock;
}): Shelf {
  const shelf = new LRUCache<string, Uint8Array>({
    max: limits.entries,
    maxSize: limits.bytes,
    sizeCalculation: (sealed) => Math.max(1, sealed.length),
    ttl: limits.windowMs,
    ttlResolution: 0,
    perf: { now: limits.clock },
  });
  return { get: (key) => shelf.get(key), set: (key, sealed) => void shelf.set(key, sealed) };
}

const entriesForm = z.array(z.strictObject({ placeholder: z.string(), value: z.string(), entity: z.string() }));

/** @param secret the config's key, or one of the process: what another key sealed is as good as lost */
export function createVault(secret: string, shelf: Shelf): Vault {
  const keyOf = (tenant: string) => Buffer.from(hkdfSync("sha256", secret, "", `placeholders of ${tenant}`, KEY_BYTES));
  const nameOf = (tenant: string, conversation: string) =>
    createHmac("sha256", keyOf(tenant)).update(conversation).digest("base64url");

  return {
    open(tenant, conversation) {
      const name = nameOf(tenant, conversation);
      const sealed = shelf.get(name);
      const json = sealed && unseal(keyOf(tenant), name, sealed);
      const entries = json === undefined ? undefined : entriesForm.safeParse(JSON.parse(json));
      return placeholdersOf(entries?.data ?? []);
    },
    keep(tenant, conversation, placeholders) {
      const json = JSON.stringify(placeholders.reveal());
      if (placeholders.size === 0 || json.length > MOST_BYTES) return;
      const name = nameOf(tenant, conversation);
      shelf.set(name, seal(keyOf(tenant), name, json));
    },
  };
}

/** Nonce, tag, what was sealed. The name is bound to it: sealed bytes cannot be put in another's place. */
function seal(key: Uint8Array, name: string, text: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function unseal(key: Uint8Array, name: string, sealed: Uint8Array): string | undefined {
  const rest = sealed.subarray(NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(rest), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
