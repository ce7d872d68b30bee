import type { Edit } from "../contracts.ts";
import { insertMember, replaceSpans } from "../dialect/json.ts";
import { isFields } from "../dialect/shape.ts";
import { elementsOf, endOf, insertion, listed, memberAt, memberIn, type Body, type Placed } from "./body.ts";

/** The tools of a body, wherever its API keeps them. */
interface Offered {
  readonly tools: readonly Placed[];
  /** More may stand there. */
  readonly takesMore: boolean;
  /** Takes those out that are not kept; one is kept at least. */
  remove(isKept: readonly boolean[]): readonly Edit[];
  /** Puts definitions, as JSON, behind those that are kept. */
  add(definitions: readonly string[], isKept: readonly boolean[]): readonly Edit[];
}

export function offeredIn(body: Body): Offered {
  return body.api === "gemini" ? inDeclarations(body) : inOneList(body);
}

function inOneList(body: Body): Offered {
  const list = memberAt(body, "tools");
  const tools = list ? elementsOf(body, list) : [];
  return {
    tools,
    takesMore: true,
    remove: (isKept) => removals(tools, isKept),
    add(definitions) {
      const added = definitions.join(",");
      if (!list) return [insertMember(body.bytes, "tools", `[${added}]`)];
      return append(body, list, tools.length, added);
    },
  };
}

/** Functions that stand together in one of Gemini's tools. */
interface Declarations {
  readonly entry: Placed;
  readonly list: Placed;
  readonly tools: readonly Placed[];
  /** Of the first of them among all. */
  readonly from: number;
}

/**
 * Google keeps functions in lists of their own within its list of tools. Beside tools that it runs itself not every
 * model takes functions: where a client offers those alone, none are added.
 */
function inDeclarations(body: Body): Offered {
  const list = memberAt(body, "tools");
  const entries = list ? manyOf(body, list) : [];
  const groups: Declarations[] = [];
  for (const entry of entries) {
    const own = memberIn(body, entry, "functionDeclarations") ?? memberIn(body, entry, "function_declarations");
    const from = groups.reduce((sum, { tools }) => sum + tools.length, 0);
    if (own) groups.push({ entry, list: own, tools: manyOf(body, own), from });
  }
  const keptOf = (isKept: readonly boolean[], { from, tools }: Declarations) => isKept.slice(from, from + tools.length);
  return {
    tools: groups.flatMap(({ tools }) => tools),
    takesMore: entries.length === 0 || groups.length > 0,
    remove(isKept) {
      const emptied = groups.filter((group) => group.tools.length > 0 && !keptOf(isKept, group).includes(true));
      // A tool that is nothing else would be none, which Google refuses.
      const gone = new Set(emptied.filter(({ entry }) => isAlone(entry)).map(({ entry }) => entry));
      return [
        ...removals(
          entries,
          entries.map((entry) => !gone.has(entry)),
        ),
        ...groups.flatMap((group) => {
          if (gone.has(group.entry)) return [];
          return emptied.includes(group)
            ? replaceSpans([group.list.span], "[]")
            : removals(group.tools, keptOf(isKept, group));
        }),
      ];
    },
    add(definitions, isKept) {
      const added = definitions.join(",");
      const whole = `[{"functionDeclarations":[${added}]}]`;
      if (!list) return [insertMember(body.bytes, "tools", whole)];
      const home = groups.findLast((group) => keptOf(isKept, group).includes(true)) ?? groups[0];
      return home ? append(body, home.list, home.tools.length, added) : replaceSpans([list.span], whole);
    },
  };
}

const isAlone = ({ value }: Placed): boolean => isFields(value) && Object.keys(value).length === 1;

/** Google takes a single object where a list of them is due. */
const manyOf = (body: Body, place: Placed): readonly Placed[] =>
  isFields(place.value) ? [place] : elementsOf(body, place);

function append(body: Body, list: Placed, length: number, added: string): readonly Edit[] {
  const { value, span } = list;
  if (isFields(value) && body.api === "gemini") return listed(body, list, added);
  if (!Array.isArray(value)) return replaceSpans([span], `[${added}]`);
  return [insertion(endOf(span) - 1, length > 0 ? `,${added}` : added)];
}

/** Each run of removed elements with one comma; the first of the list is never gone without another that is kept. */
function removals(elements: readonly Placed[], isKept: readonly boolean[]): readonly Edit[] {
  const nothing = new Uint8Array();
  return runsOf(isKept).map(([first, last]) => {
    const offset = first === 0 ? elements[0]!.span.offset : endOf(elements[first - 1]!.span);
    const end = first === 0 ? elements[last + 1]!.span.offset : endOf(elements[last]!.span);
    return { offset, length: end - offset, bytes: nothing };
  });
}

/** First and last position of each run of what is not kept. */
function runsOf(isKept: readonly boolean[]): readonly (readonly [first: number, last: number])[] {
  const gone = isKept.flatMap((kept, index) => (kept ? [] : [index]));
  const firsts = gone.filter((index) => index === 0 || isKept[index - 1]);
  const lasts = gone.filter((index) => index + 1 === isKept.length || isKept[index + 1]);
  return firsts.map((first, run) => [first, lasts[run]!]);
}
