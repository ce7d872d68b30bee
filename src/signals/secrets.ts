/** Keys of well-known vendors, each by its prefix and alphabet. Where a body may be long, a match starts at its edge only. */
const SHAPES: readonly RegExp[] = [
  /sk-ant-[\w-]{20}/u, // Anthropic
  /sk-or-v1-[0-9a-f]{32}/u, // OpenRouter
  /sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20}/u, // OpenAI and who copied its form
  /(?:AKIA|ASIA|ABIA|ACCA)[A-Za-z0-9]{16}/u, // AWS key id
  /gh[pousr]_[A-Za-z0-9]{20}/u, // GitHub
  /github_pat_[A-Za-z0-9_]{22}/u,
  /glpat-[\w-]{20}/u, // GitLab
  /AIza[\w-]{35}/u, // Google
  /ya29\.[\w-]{20}/u,
  /GOCSPX-[\w-]{20}/u,
  /xox[abeoprs]-[A-Za-z0-9-]{10}/u, // Slack
  /xapp-\d-[A-Z0-9]{8}/u,
  /(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16}/u, // Stripe
  /whsec_[A-Za-z0-9+/]{24}/u,
  /hf_[A-Za-z0-9]{24}/u, // Hugging Face
  /npm_[A-Za-z0-9]{30}/u,
  /pypi-AgE[\w-]{30}/u,
  /gsk_[A-Za-z0-9]{32}/u, // Groq
  /xai-[A-Za-z0-9]{32}/u, // xAI
  /r8_[A-Za-z0-9]{30}/u, // Replicate
  /SG\.[\w-]{16,32}\.[\w-]{16}/u, // SendGrid
  /SK[0-9a-f]{32}/u, // Twilio
  /dop_v1_[0-9a-f]{32}/u, // DigitalOcean
  /dapi[0-9a-f]{32}/u, // Databricks
  /shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/u, // Shopify
  /lin_api_[A-Za-z0-9]{32}/u, // Linear
  /hv[sb]\.[\w-]{24}/u, // Vault
  /eyJ[\w-]{10,2000}\.eyJ[\w-]{10}/u, // JSON web token
];
const KEY = new RegExp(`(?<![A-Za-z0-9_-])(?:${SHAPES.map(({ source }) => source).join("|")})`, "gu");
/** What a key that has begun goes on with. */
const REST = /[A-Za-z0-9_+/=-]*(?:\.[A-Za-z0-9_+/=-]+)*/uy;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/gu;
const PRIVATE_KEY_END = /-----END (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/gu;
const AWS_SECRET = /aws.{0,20}secret.{0,24}?[=:][ "']{0,4}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/dgiu;

/** Told where a secret stands, in UTF-16 units; `end` is exclusive. */
type NoteSecret = (place: { readonly start: number; readonly end: number }) => void;

/** Keys of well-known vendors, private key blocks and JSON web tokens, each to its end. */
export function readSecrets(text: string, note: NoteSecret): void {
  readKeys(text, note);
  readPrivateKeys(text, note);
  for (const { indices } of text.matchAll(AWS_SECRET)) {
    const [start, end] = indices![1]!;
    note({ start, end });
  }
}

function readKeys(text: string, note: NoteSecret): void {
  let done = 0;
  for (const { 0: head, index } of text.matchAll(KEY)) {
    // Within the rest of another, which is looked through once.
    if (index < done) continue;
    REST.lastIndex = index + head.length;
    REST.test(text);
    done = REST.lastIndex;
    note({ start: index, end: done });
  }
}

/** A block without an end is one to the end of the text. */
function readPrivateKeys(text: string, note: NoteSecret): void {
  let done = 0;
  for (const { index } of text.matchAll(PRIVATE_KEY)) {
    if (index < done) continue;
    PRIVATE_KEY_END.lastIndex = index;
    done = PRIVATE_KEY_END.test(text) ? PRIVATE_KEY_END.lastIndex : text.length;
    note({ start: index, end: done });
  }
}
