/** An authority and what it signs, made on the spot: X.509 v3 over P-256, with nothing that no test needs. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certified {
  /** PEM. */
  readonly cert: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface Authority extends Certified {
  /** For `localhost` and 127.0.0.1, with this common name. Valid from two days ago until `days` from now. */
  issue(name: string, days?: number): Certified;
}

export function createAuthority(name = "test authority"): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const own = certificate({ name, issuer: name, publicKey, signer: privateKey, days: 30, extension: IS_AUTHORITY });
  return {
    ...pair(own, privateKey),
    issue(subject, days = 30) {
      const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const signed = certificate({
        name: subject,
        issuer: name,
        publicKey: keys.publicKey,
        signer: privateKey,
        days,
        extension: FOR_LOCALHOST,
      });
      return pair(signed, keys.privateKey);
    },
  };
}

function pair(der: Buffer, key: KeyObject): Certified {
  const lines = der.toString("base64").replaceAll(/.{64}/gu, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: key.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

const tagged = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
const oid = (hex: string) => tagged(0x06, Buffer.from(hex, "hex"));
const octets = (inner: Uint8Array) => tagged(0x04, inner);
const bits = (inner: Uint8Array) => tagged(0x03, Buffer.from([0]), inner);
const time = (at: Date) =>
  tagged(
    0x17,
    Buffer.from(
      at
        .toISOString()
        .replaceAll(/[-:T]|\.\d+/gu, "")
        .slice(2),
    ),
  );
const named = (name: string) => sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(name)))));

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const TRUE = tagged(0x01, Buffer.from([255]));
const IS_AUTHORITY = sequence(oid("551d13"), TRUE, octets(sequence(TRUE)));
const FOR_LOCALHOST = sequence(
  oid("551d11"),
  octets(sequence(tagged(0x82, Buffer.from("localhost")), tagged(0x87, Buffer.from([127, 0, 0, 1])))),
);
const DAY_MS = 86_400_000;

function certificate(of: {
  name: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  days: number;
  extension: Buffer;
}): Buffer {
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1]), randomBytes(8)),
    ECDSA_SHA256,
    named(of.issuer),
    sequence(time(new Date(Date.now() - DAY_MS * 2)), time(new Date(Date.now() + of.days * DAY_MS))),
    named(of.name),
    of.publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(of.extension)),
  );
  return sequence(body, ECDSA_SHA256, bits(sign("sha256", body, of.signer)));
}
