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
    ca: pem.optional().meta({
      description:
        "The authorities that certificates of clients must come from, in PEM. With it nobody is let in without such a certificate. Write ${file:PATH}.",
    }),
  })
  .superRefine((tls, context) => {
    for (const { path, message } of faultsOf(tls)) context.addIssue({ code: "custom", path, message });
  });

export type TlsOptions = z.output<typeof tlsOptions>;

export const asksClients = ({ ca }: Pick<TlsOptions, "ca">): boolean => ca !== undefined;

interface Fault {
  readonly path: string[];
  readonly message: string;
}

/** What the library would stumble over when the port opens. */
function* faultsOf({ cert, key, ca }: TlsOptions): Generator<Fault> {
  const texts = [cert, key, ...(ca === undefined ? [] : [ca])];
  if (texts.some(isStandIn)) return;

  const own = readable(() => new X509Certificate(cert));
  const secret = readable(() => createPrivateKey(key));
  if (!own) yield { path: ["cert"], message: "this holds no certificate that can be read" };
  if (!secret) yield { path: ["key"], message: "this holds no private key that can be read without a passphrase" };
  if (ca !== undefined && !readable(() => new X509Certificate(ca)))
    yield { path: ["ca"], message: "this holds no certificate that can be read" };
  if (!own || !secret) return;
  if (!own.checkPrivateKey(secret)) yield { path: ["key"], message: "this is not the key of the certificate" };
  else if (!readable(() => createSecureContext({ cert, key, ...(ca !== undefined && { ca }) })))
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
