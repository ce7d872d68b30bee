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
const KEY = new RegExp(`(?<![A-Za-z0-9_-])(?:${SHAPES.map(({ source }) => source).join("|")})`, "u");
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/u;
const AWS_SECRET = /aws.{0,20}secret.{0,24}?[=:][ "']{0,4}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/iu;

/** True when the text holds a key of a well-known vendor, a private key block or a JSON web token. */
export function hasSecret(text: string): boolean {
  return KEY.test(text) || PRIVATE_KEY.test(text) || AWS_SECRET.test(text);
}
