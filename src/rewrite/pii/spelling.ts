/** Digits and letters, of what is otherwise parted by spaces, dots and dashes as its writer likes. */
const SIGNS = /[^\p{L}\p{N}]/gu;

/**
 * What all spellings of one value have in common, where it is sure that they are one: letters of either case in
 * addresses and names, spaces and dashes in numbers, `00` for `+`. A number without its country stays another.
 */
export function canonicalOf(entity: string, value: string): string {
  const text = value.normalize("NFKC").trim();
  switch (entity) {
    case "email":
    case "ip":
      return text.toLowerCase();
    case "person":
    case "organization":
    case "address":
    case "location":
      return text.toLowerCase().replaceAll(/\s+/gu, " ");
    case "phone": {
      const digits = text.replaceAll(SIGNS, "");
      const isInternational = text.startsWith("+") || text.startsWith("(+");
      return isInternational ? `+${digits}` : digits.replace(/^00(?=[1-9])/u, "+");
    }
    case "secret":
      return value;
    default: {
      const signs = text.replaceAll(SIGNS, "").toUpperCase();
      return signs === "" ? text : signs;
    }
  }
}

const LAST = 4;

/** Hides a value and keeps its form: of an address the first letter and the domain, of a name the first letters, of anything else the last four. */
export function mask(entity: string, value: string): string {
  const at = entity === "email" ? value.lastIndexOf("@") : -1;
  if (at > 0) return `${value[0]}***${value.slice(at)}`;
  if (["person", "organization", "address", "location"].includes(entity)) {
    return value.replaceAll(/(?<=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]/gu, "*").replace(/^\p{N}/u, "*");
  }
  const signs = value.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const hidden = entity === "secret" || signs <= 2 * LAST ? signs : signs - LAST;
  let seen = 0;
  return value.replaceAll(/[\p{L}\p{N}]/gu, (sign) => (seen++ < hidden ? "*" : sign));
}
