import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { proxyFault } from "./fields.ts";
import type { UpstreamOptions } from "./options.ts";
import { proxyFor } from "./proxy.ts";

/** What upstreams take from outside of the config file. */
interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True where something stands in for a file that is not there: nothing can be said of it, and nothing made. */
  isStandIn(text: string): boolean;
}

export interface Complaint {
  readonly path: readonly string[];
  readonly message: string;
}

type Upstreams = Readonly<Record<string, UpstreamOptions>>;

/** Upstreams as they are used: each with the proxy that it goes through, its certificates looked at. */
export function settleUpstreams(
  upstreams: Upstreams,
  { env, isStandIn }: Outside,
): { readonly upstreams: Upstreams; readonly complaints: readonly Complaint[] } {
  const complaints: Complaint[] = [];
  const settled = Object.entries(upstreams).map(([name, options]): [string, UpstreamOptions] => {
    const complain = (key: string, message: string) => complaints.push({ path: ["upstreams", name, key], message });
    const { proxy = "environment", ...direct } = withoutStandIns(options, isStandIn);
    for (const [key, message] of faultsOf(direct)) complain(key, message);
    if (proxy !== "environment") return [name, { ...direct, proxy }];
    const named = proxyFor(direct.url, env);
    if (named === undefined) return [name, direct];
    const fault = proxyFault(named.url);
    if (fault !== undefined) complain("proxy", `${named.variable} of the environment: ${fault}`);
    return [name, { ...direct, proxy: named.url }];
  });
  return { upstreams: Object.fromEntries(settled), complaints };
}

function withoutStandIns(options: UpstreamOptions, isStandIn: Outside["isStandIn"]): UpstreamOptions {
  const { ca, cert, ...rest } = options;
  const isThere = (pem: string | undefined) => pem !== undefined && !isStandIn(pem);
  return { ...rest, ...(isThere(ca) && { ca }), ...(isThere(cert) && { cert }) };
}

/** What the library would stumble over at the first request, or take for no certificates at all. */
function* faultsOf({ ca, cert }: UpstreamOptions): Generator<readonly [key: string, message: string]> {
  const isCertificate = (pem: string) => isReadable(() => new X509Certificate(pem));
  if (ca !== undefined && !allOf(ca).every(isCertificate)) yield ["ca", NO_CERTIFICATE];
  if (cert === undefined) return;
  if (!isCertificate(cert)) yield ["cert", NO_CERTIFICATE];
  else if (!PRIVATE_KEY.test(cert)) yield ["cert", NO_KEY];
  else if (!isReadable(() => createSecureContext({ cert, key: cert })))
    yield ["cert", "its private key is not that of the certificate, or has a passphrase"];
}

const NO_CERTIFICATE = "this holds no PEM certificate that can be read: write ${file:PATH}";

const NO_KEY =
  'this holds no private key: it stands behind the certificate, in one file or as "${file:CERT}\\n${file:KEY}"';

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/u;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu;

/** The certificates of a bundle; the whole text where it is none. */
const allOf = (pem: string): readonly string[] => pem.match(CERTIFICATE) ?? [pem];

/** The library's own sentences may quote what they failed on. */
function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
