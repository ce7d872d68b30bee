import { isIPv6 } from "node:net";
import { isNear, near } from "./near.ts";

/** Where an address stands, in UTF-16 units; `end` is exclusive. */
interface Place {
  readonly start: number;
  readonly end: number;
}

/** Told of each address; `isPersonal` is false for what could be anybody's. */
type NoteAddress = (entity: "email" | "ip", place: Place, isPersonal: boolean) => void;

/** E-mail and internet addresses: whose they are shows in their names and in what stands around them. */
export function readAddresses(text: string, note: NoteAddress): void {
  if (text.includes("@")) readEmails(text, note);
  if (COLONS.test(text)) readIpv6(text, note);
  if (/\d/u.test(text)) readIpv4(text, note);
}

const DOMAIN = /@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/uy;
const LOCAL = /[\p{L}\p{N}_%+"'-]/u;
const LOCAL_UNITS = 64;
const LOCAL_END = /[\p{L}\p{N}_%+.-]+$/u;
/** Mailboxes of a role, not of a person. */
const ROLE =
  /^(?:no-?reply|do-?not-?reply|donotreply|info|support|help|helpdesk|service|customer-?(?:care|service)|contact|kontakt|admin|administrator|postmaster|hostmaster|webmaster|mailer-daemon|root|abuse|security|privacy|legal|press|media|sales|marketing|billing|invoices?|accounts?|office|hello|team|jobs|careers|hr|newsletter|news|notifications?|alerts?|feedback|git|hg|svn|user|users?name|you|your\.?name|name|someone|somebody|example|test)(?:[+_-].*)?$/iu;
/** Domains kept for examples and tests, and their like. */
const EXAMPLE_DOMAIN =
  /(?:^@|\.)(?:example\.\p{L}+|example|test|invalid|localhost|local|yourdomain\.com|domain\.com)$/iu;

/** From each at sign outwards, so that a text of word characters alone costs nothing. */
function readEmails(text: string, note: NoteAddress): void {
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    if (at === 0 || !LOCAL.test(text[at - 1]!)) continue;
    DOMAIN.lastIndex = at;
    const domain = DOMAIN.exec(text)?.[0];
    if (domain === undefined) continue;
    const local = LOCAL_END.exec(text.slice(Math.max(0, at - LOCAL_UNITS), at))?.[0] ?? "";
    const place = { start: at - local.length, end: at + domain.length };
    note("email", place, !ROLE.test(local) && !EXAMPLE_DOMAIN.test(domain));
  }
}

const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)/gu;
/** What makes four numbers a version, a section or a setting, right before them. */
const VERSION =
  /(?:\bv|versions?|version(?:is|en)?|versión|версия|版本|バージョン|release|releases|build|builds|firmware|driver|kernel|patch|update|upgrade|upgraded to|downgrade|revision|rev|tag|chrome|chromium|edge|opera|safari|firefox|macos|ios|sdk|section|chapter|clause|article|kapitel|abschnitt|§|==|>=|<=|~=|@|\^)[ :=/"'(]*$/iu;
/**
 * Addresses that name nobody's machine: this host and network, private, shared, link-local and benchmark ranges, those
 * kept for documentation, multicast, reserved, masks.
 */
const NOBODYS_IPV4 =
  /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|192\.0\.[02]\.|198\.1[89]\.|198\.51\.100\.|203\.0\.113\.|22[4-9]\.|2[34]\d\.|25[0-5]\.)/u;
/** What every such address holds, and few texts. */
const COLONS = /:[0-9a-f]{0,4}:/iu;
const IPV6 = /(?<![\w:.])[0-9a-f]{0,4}:(?:[0-9a-f]{0,4}:){1,7}[0-9a-f]{0,4}(?![\w:])/giu;
const NOBODYS_IPV6 = /^(?:::1?$|2001:0?db8:|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:|ff[0-9a-f]{2}:)/iu;
/** Words beside which four numbers are an address, and signs that use them as one. */
const NAMES_IP = near(
  "\\bips?\\b|\\bipv[46]\\b|\\bhosts?\\b|hostname|address|adresse|dirección|endereço|indirizzo|адрес|地址|アドレス|주소|server|\\bping|\\bssh\\b|\\bscp\\b|\\bcurl\\b|telnet|traceroute|whois|\\bdns\\b|nslookup|log(?:ged)?[ -]?in|sign(?:ed)?[ -]?in|visitor|\\bclient|connect|remote|gateway|router|firewall|subnet|\\bblock(?:ed)?\\b|traffic|request from|requests from",
);
const USED_BEFORE = /(?:\/\/|[\w-]@)$/u;
const USED_AFTER = /^(?::\d{2,5}\b|\/)/u;

function readIpv4(text: string, note: NoteAddress): void {
  for (const { 0: address, index } of text.matchAll(IPV4)) {
    const isAddress = address.split(".").every((part) => Number(part) <= 255 && (part === "0" || part[0] !== "0"));
    if (!isAddress || NOBODYS_IPV4.test(address)) continue;
    const before = text.slice(Math.max(0, index - 24), index);
    if (USED_BEFORE.test(before)) note("ip", { start: index, end: index + address.length }, true);
    else if (!VERSION.test(before)) noteIp(address, index, text, note);
  }
}

function readIpv6(text: string, note: NoteAddress): void {
  for (const { 0: address, index } of text.matchAll(IPV6)) {
    // Two colons between words of a program are an address too, so the first group must be a whole one.
    const isMeant = /\d/u.test(address) && /^[0-9a-f]{3,4}:|(?::[0-9a-f]+){3}/iu.test(address);
    if (isMeant && isIPv6(address) && !NOBODYS_IPV6.test(address)) noteIp(address, index, text, note);
  }
}

function noteIp(address: string, start: number, text: string, note: NoteAddress): void {
  const place = { start, end: start + address.length };
  note("ip", place, isNear(NAMES_IP, place, text) || USED_AFTER.test(text.slice(place.end, place.end + 8)));
}
