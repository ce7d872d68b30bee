import { applyEdits } from "../../src/dialect/json.ts";
import type { Edit, WireApi } from "../../src/contracts.ts";
import { openBody, type Body } from "../../src/rewrite/body.ts";

const LIMITS = { bytes: 1 << 24, depth: 200, items: 1_000_000 };

export const bodyOf = (api: WireApi, json: string | object): Body =>
  openBody(api, Buffer.from(typeof json === "string" ? json : JSON.stringify(json)), LIMITS);

/** The body with the edits made, as text. */
export const made = ({ bytes }: Body, edits: readonly Edit[]): string =>
  Buffer.from(applyEdits(bytes, edits)).toString("utf8");

export const read = (json: string): Record<string, unknown> => JSON.parse(json) as Record<string, unknown>;
