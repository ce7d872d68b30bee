/** Says whether what stands from `start` to `end`, led by the word at `lead`, is meant as said or only spoken of. */
export type Mention = (start: number, end: number, lead: number) => boolean;

/** `ofOrder` asks besides whether an order could stand there; `ofClaim` takes words anywhere. */
export interface Mentions {
  readonly ofOrder: Mention;
  readonly ofClaim: Mention;
}

/** Where a text is from; see `createMentions`. */
interface Origin {
  readonly isForeign: boolean;
  readonly source: string;
  readonly written: string;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Units before and after a word that are looked at for the sentence around it. */
const REACH = 160;

/**
 * Looks at one folded window for the difference between using words and speaking of them. Nothing is looked at
 * before the first question, and each place only once, so that a text full of attacks costs little more than another.
 *
 * Spoken of is what is quoted (unless the text is little else, or says to do what the quotation says), what stands in
 * program text, and what a sentence asks or tells about. An order is besides spoken of unless it begins a clause or
 * follows a word that makes an order of it ("ignore the rules" but not "my son ignores the rules"), and where the
 * rules are somebody else's ("of chess").
 *
 * In a document or a tool's result (`isForeign`) a sentence that asks or tells excuses orders only. `source` is the
 * text as it stood before it was decoded, in which program text is told from prose. `written` is the text with its
 * capitals; where it is as long, one begins a clause that no mark begins.
 */
export function createMentions(text: string, { isForeign, source, written }: Origin): Mentions {
  let quotations: readonly Span[] | undefined;
  const inProgram = createMemory((at) => isProgramAt(source, at), createLineFinder(source));
  const isAllProgram = createMemory(() => isProgram(source.split("\n")), zero);
  const isTold = createMemory((lead) => isToldOf(text, lead));
  const isNoOrder = createMemory(
    (lead) => !isOrder(text, lead, written.length === text.length && isCapitalised(written, lead)),
  );

  const isQuoted = (start: number, end: number): boolean => {
    quotations ??= quotationsOf(text);
    return holds(quotations, start, end);
  };
  /** What has its length from the source stands where it stood, or was turned around. */
  const isInProgram = (lead: number): boolean =>
    source.length === text.length
      ? inProgram(lead) || (source !== text && inProgram(source.length - lead))
      : isAllProgram(0);
  const isOutside = (start: number, end: number, lead: number): boolean => isQuoted(start, end) || isInProgram(lead);

  return {
    ofClaim: (start, end, lead) => isOutside(start, end, lead) || (!isForeign && isTold(lead)),
    ofOrder: (start, end, lead) => isOutside(start, end, lead) || isNoOrder(lead),
  };
}

/** Places that are looked at in one text. Nobody speaks of attacks more often; words beyond are meant. */
const PLACES = 256;

/** Looks once at each place, or once at all that share a key, and no more often than there are places. */
function createMemory(look: (at: number) => boolean, keyOf: (at: number) => number = itself): (at: number) => boolean {
  const known = new Map<number, boolean>();
  return (at) => {
    const key = keyOf(at);
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= PLACES) return false;
    const now = look(at);
    known.set(key, now);
    return now;
  };
}

/** Says where the line begins that holds a place. Remembers the last one, for the next place is often in it. */
function createLineFinder(text: string): (at: number) => number {
  let start = 0;
  let end = -1;
  return (at) => {
    if (at >= start && at < end) return start;
    start = text.lastIndexOf("\n", at - 1) + 1;
    const next = text.indexOf("\n", at);
    end = next === -1 ? text.length + 1 : next + 1;
    return start;
  };
}

const itself = (at: number) => at;
const zero = () => 0;

/** True when one of the spans, in order and apart, holds everything from `start` to `end`. */
function holds(spans: readonly Span[], start: number, end: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.end < end) low = middle + 1;
    else high = middle;
  }
  return low < spans.length && spans[low]!.start <= start;
}

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "“": "”",
  "„": "“",
  "«": "»",
  "»": "«",
  "‘": "’",
  "「": "」",
  "『": "』",
};
const MARK = /```|["'`“”„«»‘’「」『』\n]/gu;
const LETTER = /[\p{L}\p{N}]/u;
const OBEYED = /(?:\bdo|follow|obey|execute|perform|carry out|comply with|decode|apply)\b[^.!?\n]{0,30}$/u;
/** A text with less than this around its quotations is nothing but a quotation. */
const FRAME_UNITS = 12;
/** Who speaks of an attack quotes a sentence or two. What is longer is material to work on, and may be an attack. */
const QUOTED_UNITS = 300;

/** What stands in quotation marks on one line, or between fences, in order. */
function quotationsOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  let open: { mark: string; at: number } | undefined;
  for (const { 0: mark, index: at } of text.matchAll(MARK)) {
    if (open === undefined) {
      if (mark === "```" || isOpening(text, mark, at)) open = { mark, at };
    } else if (mark === "\n") {
      if (open.mark !== "```") open = undefined;
    } else if (closes(text, open.mark, mark, at)) {
      const span = { start: open.at, end: at + mark.length };
      if (span.end - span.start <= QUOTED_UNITS && !OBEYED.test(text.slice(Math.max(0, span.start - 50), span.start)))
        spans.push(span);
      open = undefined;
    }
  }
  const quoted = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  return text.length - quoted < FRAME_UNITS ? [] : spans;
}

function isOpening(text: string, mark: string, at: number): boolean {
  return mark in CLOSING && (mark !== "'" || !LETTER.test(text[at - 1] ?? ""));
}

function closes(text: string, opening: string, mark: string, at: number): boolean {
  if (opening === "```") return mark === "```";
  const isSame = mark === CLOSING[opening] || (opening === "„" && (mark === "”" || mark === '"'));
  return isSame && ((mark !== "'" && mark !== "’") || !LETTER.test(text[at + 1] ?? ""));
}

const SENTENCE_END = /[.!?;](?=\s|$)|[。！？；؟\n]/gu;

/** Where the sentence that holds `at` begins, no further back than the reach. */
function sentenceStart(text: string, at: number): number {
  const from = Math.max(0, at - REACH);
  let start = from;
  for (const { index } of text.slice(from, at).matchAll(SENTENCE_END)) start = from + index + 1;
  return start;
}

function sentenceAfter(text: string, at: number): string {
  const rest = text.slice(at, at + REACH);
  const end = rest.search(/[.!?](?:\s|$)|[。！？؟\n]/u);
  return end === -1 ? rest : rest.slice(0, end + 1);
}

/** Words that make a sentence one about what people say, ask or build, in front of what is spoken of. */
const TELLING_WORDS =
  "what (?:does|do|did|is|are|happens)|history of|meaning of|explain|why|how (?:do|does|did|can|could|would|should|to|is|are|often|many)|where does|when (?:did|does)|is it|is there|detect\\w*|prevent\\w*|protect\\w*|defend\\w*|defen[cs]e|guards? (?:against|flags)|block(?:s|ed)?|filters?|flag(?:s|ged)?|classif\\w*|attack\\w*|injections?|jailbreaking|red team\\w*|talk (?:about|on)|unit test|regex|regular expression|dataset|blog post|article|" +
  "qué significa|qué es|cómo|por qué|explícame|was bedeutet|wie (?:verhindere|kann|schütze|schalte)|was ist|warum|erkläre?|que veut dire|comment|pourquoi|qu'est-ce|explique\\w*|что значит|что такое|как|почему|объясни|o que|como|cosa|perché";
const LOOSE_WORDS =
  "which|phrases?|sentences?|example|such as|users? (?:who|might|that|may|can|say|says|type)|someone|some people|says|said|wrote|writes|told|tells|log";
const telling = (words: string) =>
  new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${words})(?![\\p{L}\\p{N}])|什么是|怎么|怎样|如何|为什么|防止|解释|用户|孩子|とは|方法|방법|어떻게`,
    "u",
  );
/** Of these, who plays a part uses some as well, so only the plain ones tell of a claim. */
const TELLING_CLAIM = telling(TELLING_WORDS);
const TELLING = telling(`${TELLING_WORDS}|${LOOSE_WORDS}`);
/** The same behind what is spoken of. */
const TOLD = /\bmeans?\b.{0,12}\?|, (?:how|why)\?|什么意思|是什么|怎么办|どういう|とは|의미|뜻|\bбудет значить/u;

function isToldOf(text: string, lead: number): boolean {
  return TELLING_CLAIM.test(text.slice(sentenceStart(text, lead), lead)) || TOLD.test(sentenceAfter(text, lead));
}

/** What stands before an order: nothing, a mark, or a word that hands the floor to an order. */
const CLAUSE =
  /(?:^|[.!?;:,…\n\r>–—*"“”«»„¿¡([{|/\\#\d\]})]|- |' ?|(?<![\p{L}\p{N}])(?:please|pls|now|then|and|or|but|also|just|so|first|next|instead|(?:you|assistant|ai|chatgpt|model|llm|and) (?:must|should|shall|will|can|could|would)(?: now| also)?|immediately|completely|always|simply|kindly|hereby|totally|you to|you|need to|have to|sure to|going to|task is to|want to|try to|let's|lets|assistant|ai|chatgpt|gpt|por favor|ahora|y|e|et|ou|puis|maintenant|und|bitte|jetzt|dann|nun|и|а|теперь|пожалуйста|agora|ora|per favore|te plaît|vous plaît|entonces|now on|ab jetzt gilt|a partir de ahora))[ \t]*$/u;
/** Before an order that is not given: a refusal of it, or somebody else who does it. */
const WITHHELD =
  /(?<![\p{L}\p{N}])(?:never|not|don't|dont|cannot|can't|won't|i|we|they|he|she|it|i will|i can|i should|to not) ?$/u;
const QUESTION = /(?<![\p{L}\p{N}])(?:can|could|will|would) you\b/u;
/** What is named as a key, a call or one's own. */
const NAMED = /^[\p{L}\p{N}]*(?:\s*[:=(]|\s+(?:my|mine|mi|mis|meine?n?|mes|mon|ma|мои|моё|мой|моё|minha|meu)\b)/u;
/** Verbs that come last where they are said. */
const VERB_LAST =
  /^(?:yok say\p{L}*|görmezden gel\p{L}*|unut\p{L}*|nicht beachten|ignorieren|missachten|vergessen)\s*(?:[.!;,:]|$)/u;
/** Rules of something else than the model: of chess, in a folder, for returning a parcel. */
const OTHER_RULES =
  /\b(?:rules?|commands?|instructions?|polic(?:y|ies)|restrictions|guidelines|directives|orders) (?:in|of|for|on|about|at) (?!(?:the )?(?:user|system|ai|model|assistant|developers?|operator|conversation|chat|your?|open ?ai|chatgpt|anthropic|google|everything|any|an? moment|now|this|once|good)\b)/u;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Arabic}]/u;

const CAPITAL = /(?:^|[\s"'(])\p{Ll}[\p{Ll}\p{N}-]*[ \t]+\p{Lu}\p{Ll}$/u;

/** True for a capital that follows a word without one, as no title has it. */
function isCapitalised(written: string, at: number): boolean {
  return CAPITAL.test(written.slice(Math.max(0, at - 40), at + 2));
}

function isOrder(text: string, lead: number, isBeginning: boolean): boolean {
  const here = text.slice(lead, lead + 40);
  if (NAMED.test(here)) return false;
  const before = text.slice(sentenceStart(text, lead), lead);
  if (UNSPACED.test(here.slice(0, 4))) return !TELLING.test(before) && !TOLD.test(sentenceAfter(text, lead));
  if (VERB_LAST.test(here)) return !TELLING.test(before);
  const near = text.slice(Math.max(0, lead - 40), lead);
  if (WITHHELD.test(near) || !(isBeginning || CLAUSE.test(near))) return false;
  const after = sentenceAfter(text, lead).trimEnd();
  if (OTHER_RULES.test(before + after)) return false;
  const isAsked = after.endsWith("?") && (TELLING.test(before) || TOLD.test(after));
  return !isAsked || QUESTION.test(before);
}

/** Lines around a place that are looked at to tell program text from prose. */
const LINES = 4;
const PROGRAM_LINE =
  /^\s*(?:\/\/|\/\*|\*\/|\s+\*(?: |$)|import |export |const |let |def |return |class |function |@\w|- \{|[\w.-]+: *(?:[[{|>"'\d]|true|false|null|\S+$|$)|[\])}])|[{};[(]$|[\])}][,;]$|=>|^\s*["'`].*["'`],?$|\w\([^()]{0,200}\)[;:]?$|^\s*[!$#.]* ?[\w./-]+$/u;
/** Marks of role that imitate a chat are keys to the eye only. */
const ROLE_LINE =
  /^\s*(?:system|user|assistant|ai|human|developer|instructions?|task|prompt|note|important|rules?) ?:/u;
const MIN_PROGRAM_LINES = 2;

/** True in the midst of lines most of which are program text or configuration. */
function isProgramAt(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 800), at).split("\n");
  const after = text.slice(at, at + 800).split("\n");
  const own = (before.pop() ?? "") + (after.shift() ?? "");
  if (ROLE_LINE.test(own)) return false;
  return isProgram([...before.slice(-LINES), own, ...after.slice(0, LINES)]);
}

function isProgram(lines: readonly string[]): boolean {
  const written = lines.filter((line) => /[\p{L}\p{N}]/u.test(line) && !line.includes("```"));
  const programs = written.filter((line) => PROGRAM_LINE.test(line.trimEnd()) && !ROLE_LINE.test(line)).length;
  return programs >= MIN_PROGRAM_LINES && programs * 2 >= written.length;
}
