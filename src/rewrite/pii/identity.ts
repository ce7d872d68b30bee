/** Who, whose, where: the question itself is about somebody. */
const QUESTION = new RegExp(
  [
    String.raw`\bwho(?:'s|\s+(?:is|was|are|were|owns?|has|uses?|lives?|does|did|belongs))\b`,
    String.raw`\bwhose\b`,
    String.raw`\bwhere\s+(?:does|do|did|is|can\s+i\s+find)\b`,
    String.raw`\b(?:background\s+check|dossier|profile\s+of|reverse\s+(?:look-?up|search)|de-?anonymi[sz]e|dox)`,
    String.raw`\bwer\s+(?:ist|war|hat|wohnt|steckt)\b|\bwem\s+gehört\b|\bwo\s+(?:wohnt|lebt|arbeitet)\b`,
    String.raw`\bqui\s+(?:est|était|habite)\b|(?<!\p{L})à\s+qui\b|\boù\s+(?:habite|vit|travaille)\b`,
    String.raw`\b(?:qui[eé]n|quem)\s+(?:es|era|é|tiene|tem|vive|mora)(?!\p{L})|\b(?:d[oó]nde|onde)\s+(?:vive|trabaja|mora|trabalha)\b`,
    String.raw`\bchi\s+(?:è|era|abita)(?!\p{L})|\bdove\s+(?:abita|vive|lavora)\b`,
    "是谁|是誰|住在哪|谁的|誰の|誰です|どこに住",
  ].join("|"),
  "iu",
);

/** What may be done to somebody, or to a text: it counts right before the one it is done to. */
const VERB = new RegExp(
  [
    String.raw`\b(?:find|locate|track|trace|identify|stalk|profile|look\s+up|google|investigate|contact|reach|message|call|phone|text|e-?mail|write\s+to|visit|get\s+in\s+touch\s+with|about)\b`,
    String.raw`\b(?:finde|ermittle|identifiziere|kontaktiere|ruf|schreib)`,
    String.raw`\b(?:trouve|retrouve|identifie|contacte|appelle)`,
    String.raw`\b(?:encuentra|identifica|contacta|localiza|llama|encontre|identifique|contate|localize|ligue)\b`,
    String.raw`\b(?:trova|identifica|contatta|rintraccia|chiama)\b`,
    "找到|联系|聯繫|查一下|連絡|探し",
  ].join("|"),
  "giu",
);

/** Somebody who was spoken of before. */
const POINTER = new RegExp(
  [
    String.raw`\b(?:he|she|him|her|his)\b`,
    String.raw`\b(?:this|that|these|those)\s+(?:person|people|man|woman|guy|user|customer|patient|caller|sender|number|e-?mail|address|account|card|profile)\b`,
    String.raw`\b(?:ihn|ihm|diese[rsmn]?\s+(?:person|mann|frau|nummer|adresse|kund))`,
    String.raw`\b(?:cette\s+(?:personne|adresse|femme)|ce\s+(?:numéro|client|monsieur))`,
    String.raw`\b(?:est[ae]|ess[ae])\s+(?:persona|pessoa|número|cliente|hombre|mujer|homem|mulher)|\bquest[oa]\s+(?:persona|numero|cliente)`,
    "这个人|這個人|他|她|この人|この番号",
  ].join("|"),
  "iu",
);

/** A longer turn is a text to work on, and what is asked stands at one of its ends. UTF-16 units. */
const END = 400;
/** So near behind a verb stands the one who is meant. */
const REACH = 48;

/**
 * Whether a task is about who somebody is. It is where the turn asks a question about a person (who, whose, where they
 * live) and the value stands in it, or it points at somebody spoken of before; or where it says right before the value,
 * or right before such a pointer, to find, profile or contact them. Word lists, not a judgement: the page on redaction
 * says what they miss.
 */
export function asksIdentity(turn: string, value: string): boolean {
  const asked = turn.length <= 2 * END ? turn : `${turn.slice(0, END)}\n${turn.slice(-END)}`;
  if (QUESTION.test(asked) && (turn.includes(value) || POINTER.test(asked))) return true;
  for (const { 0: verb, index } of asked.matchAll(VERB)) {
    const object = asked.slice(index + verb.length, index + verb.length + REACH + value.length);
    if (object.includes(value) || POINTER.test(object.slice(0, REACH))) return true;
  }
  return false;
}
