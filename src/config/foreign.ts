import { type Document, isMap, isScalar, isSeq, Document as YamlDocument, visit } from "yaml";
import type { Step } from "./problem.ts";
import { createSecrets } from "./secrets.ts";
import { readSource } from "./source.ts";

/** Somebody else's config file as plain data; references in it stand as they are. */
export interface Foreign {
  readonly value: unknown;
  /** The line of a part's key, from 1. */
  lineOf(steps: readonly Step[]): number;
  /** What could not be read of it: keys that stand twice, and the like. */
  readonly problems: readonly ForeignProblem[];
}

export interface ForeignProblem {
  /** 0 where the whole file is meant. */
  readonly line: number;
  readonly path: string;
  readonly message: string;
}

/** Reads YAML or JSON within the limits of a config of ours. Answers what is wrong where it cannot be read at all. */
export function readForeign(text: string): Foreign | readonly ForeignProblem[] {
  const secrets = createSecrets({
    env: {},
    readFile: () => "",
    standIn: (reference) => `\${${reference}}`,
  });
  const source = readSource(text, secrets);
  if (!("locate" in source)) {
    return source.map(({ place, message }) => ({ line: place?.line ?? 0, path: "", message }));
  }
  return {
    value: source.value,
    lineOf: (steps) => source.locate(steps, "key").line,
    problems: source.problems.map(({ line, path, message }) => ({ line, path, message })),
  };
}

const WIDEST = 110;

/** A config as YAML: small maps and lists in one line, `comments` above the sections that they name, `head` above all. */
export function writeConfig(config: object, head: string, comments: Readonly<Record<string, string>>): string {
  const document: Document = new YamlDocument(config, { aliasDuplicateObjects: false });
  document.commentBefore = commented(head);
  if (isMap(document.contents)) {
    for (const [at, { key }] of document.contents.items.entries()) {
      if (!isScalar(key)) continue;
      key.spaceBefore = at > 0;
      const comment = comments[String(key.value)];
      if (comment !== undefined) key.commentBefore = commented(comment);
    }
  }
  visit(document, {
    Collection(_, node, path) {
      // The document, its map and the pair of the section stand above what a section holds.
      const isInner = path.length > (isSeq(node) ? 2 : 3);
      if (isInner && (isMap(node) || isSeq(node)) && isSmall(node.toJSON())) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

const commented = (text: string) =>
  text
    .split("\n")
    .map((line) => ` ${line}`)
    .join("\n");

const isSmall = (value: unknown): boolean => JSON.stringify(value).length <= WIDEST;
