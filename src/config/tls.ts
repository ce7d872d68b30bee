import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { z } from "zod";
import { isStandIn } from "./stand-in.ts";

const pem = z
  .string()
  .max(65_536)
  .refine((text) => isStandIn(text) || text.includes("-----BEGIN "), {
    error: "expected the text of a PEM file: write ${file:PATH}",
    abort: true,
  });

/** Encryption of the public port. The texts are those of the files, so a file that changes is a config that changes. */
export const tlsOptions = z
  .strictObject({
    cert: pem.meta({
      description: "Certificate of this server, its chain behind it, in PEM. Write ${file:PATH}: a new file is read.",
    }),
    key: pem.meta({ description: "Private key of the certificate, in PEM, without a passphrase. Write ${file:PATH}." }),
    client_ca: pem
      .optional()
      .meta({ description: "Certificates of who may sign those of clients, in PEM. Write ${file:PATH}." }),
    client: z.enum(["none", "optional", "required"]).default("none").meta({
      description:
        "Certificates of clients: none asks for none; optional takes a good one or none; required takes nobody without.",
    }),
  })
  .superRefine((tls, context) => {
    for (const { path, message } of faultsOf(tls)) context.addIssue({ code: "custom", path, message });
  });

export type TlsOptions = z.output<typeof tlsOptions>;

interface Fault {
  readonly path: string[];
  readonly message: string;
}

/** What the library would stumble over when the port opens, or what would not mean what it says. */
function* faultsOf({ cert, key, client_ca: authority, client }: TlsOptions): Generator<Fault> {
  if (client !== "none" && authority === undefined)
    yield { path: ["client"], message: "name in client_ca who may sign the certificates of clients" };
  if (client === "none" && authority !== undefined)
    yield { path: ["client_ca"], message: "nobody is asked for a certificate while client is none" };
  const texts = [cert, key, ...(authority === undefined ? [] : [authority])];
  if (texts.some(isStandIn)) return;

  const own = readable(() => new X509Certificate(cert));
  const secret = readable(() => createPrivateKey(key));
  if (!own) yield { path: ["cert"], message: "this holds no certificate that can be read" };
  if (!secret) yield { path: ["key"], message: "this holds no private key that can be read without a passphrase" };
  if (authority !== undefined && !readable(() => new X509Certificate(authority)))
    yield { path: ["client_ca"], message: "this holds no certificate that can be read" };
  if (!own || !secret) return;
  if (!own.checkPrivateKey(secret)) yield { path: ["key"], message: "this is not the key of the certificate" };
  else if (!readable(() => createSecureContext({ cert, key, ...(authority !== undefined && { ca: authority }) })))
    yield { path: ["cert"], message: "no TLS server can be made of these files" };
}

/** Undefined for what cannot be read: the library's own sentences may quote what they failed on. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
