import { createHash } from "node:crypto";
import type { Flag } from "./flags.ts";
import { LONGEST_SECRET } from "./limits.ts";
import { quote } from "./problem.ts";

/** What a config takes from outside its file. `readFile` throws when the file of a `${file:PATH}` cannot be read. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  /** What takes the place of a reference that cannot be filled, where nothing is sent with it. Without it that is a problem. */
  readonly standIn?: (reference: string) => string;
  /** What the command line says instead of the file. */
  readonly flags?: readonly Flag[];
}

/** What the references of one config were replaced by, so that it can be kept out of messages and hashed. */
export interface Secrets {
  /** The text with its references replaced, or why it cannot be. */
  fill(text: string): { readonly text: string } | { readonly message: string; readonly hint?: string };
  /** True for a text that holds the value of a reference. */
  has(text: string): boolean;
  /** The text without the value of any reference. */
  scrub(text: string): string;
  /** Paths of the files that were asked for, readable or not. */
  readonly files: ReadonlySet<string>;
}

// YAML's flow maps take braces for their own, so `{ key: ${NAME} }` would not parse. Until the text is parsed,
// the braces of a reference are two code points that are no characters; offsets stay as they are.
const OPEN = "\uFDD0";
const CLOSE = "\uFDD1";
const WRITTEN = /\$\{([^{}\n]*)\}/gu;
const MASKED = /(\$?)\$\uFDD0([^\uFDD0\uFDD1]*)\uFDD1/gu;
const MASKS = /[\uFDD0\uFDD1]/gu;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/u;
/** Shorter values are no secrets, and cutting them out would make messages unreadable. */
const SHORTEST_SCRUBBED = 4;
const CUT = 24;

export function maskReferences(text: string): string {
  return text.replace(MASKS, "\uFFFD").replace(WRITTEN, `$$${OPEN}$1${CLOSE}`);
}

/** The text as it stands in the file. */
export function unmask(text: string): string {
  return text.replaceAll(OPEN, "{").replaceAll(CLOSE, "}");
}

export function createSecrets(around: Surroundings): Secrets {
  const files = new Set<string>();
  const values = new Map<string, string>();
  const filled = new Set<string>();

  function lookUp(reference: string): string {
    const value = valueOf(reference);
    if (value.length > LONGEST_SECRET) throw new Unfilled(`the value of \${${reference}} is too long`);
    if (value !== "") values.set(value, reference);
    return value;
  }

  function valueOf(reference: string): string {
    try {
      return reference.startsWith("file:") ? secretFile(reference.slice(5)) : variable(reference);
    } catch (error) {
      if (error instanceof Unfilled && around.standIn) return around.standIn(reference);
      throw error;
    }
  }

  function variable(name: string): string {
    if (!NAME.test(name)) {
      throw new Unfilled(`\${${name}} names no environment variable and no file`, "write $${ for a plain ${");
    }
    const value = Object.hasOwn(around.env, name) ? around.env[name] : undefined;
    if (value === undefined) throw new Unfilled(`the environment variable ${name} is not set`);
    if (value === "") throw new Unfilled(`the environment variable ${name} is empty`);
    return value;
  }

  function secretFile(path: string): string {
    if (path === "") throw new Unfilled("${file:} names no file");
    files.add(path);
    const value = contentOf(path).replace(/\r?\n$/u, "");
    if (value === "") throw new Unfilled(`the secret file ${quote(path)} is empty`);
    return value;
  }

  function contentOf(path: string): string {
    try {
      return around.readFile(path);
    } catch (error) {
      throw new Unfilled(`the secret file ${quote(path)} cannot be read${reasonOf(error)}`);
    }
  }

  return {
    files,
    fill(text) {
      try {
        let secret = false;
        const whole = text.replace(MASKED, (_, escape: string, reference: string) => {
          if (escape !== "") return `\${${reference}}`;
          secret = true;
          return lookUp(reference);
        });
        if (secret) filled.add(whole);
        return { text: unmask(whole) };
      } catch (error) {
        if (!(error instanceof Unfilled)) throw error;
        return error.hint === undefined ? { message: error.message } : { message: error.message, hint: error.hint };
      }
    },
    has: (text) => filled.has(text),
    scrub(text) {
      let clean = text;
      // Longest first: a short secret inside a long one must not leave the rest of the long one behind.
      const known = [...values].toSorted(([a], [b]) => b.length - a.length);
      for (const [value, reference] of known) {
        for (const form of formsOf(value)) clean = clean.replaceAll(form, () => `\${${reference}}`);
      }
      return clean;
    },
  };
}

export function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A value as a message may hold it: as it is, with its quotes escaped, cut off. */
function formsOf(value: string): readonly string[] {
  if (value.length < SHORTEST_SCRUBBED) return [];
  const escaped = JSON.stringify(value).slice(1, -1);
  return [escaped, value, ...(value.length > CUT ? [escaped.slice(0, CUT), value.slice(0, CUT)] : [])];
}

/** Only the code: the text of a foreign error may quote anything. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,31}$/u.test(code) ? `: ${code}` : "";
}

class Unfilled extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
