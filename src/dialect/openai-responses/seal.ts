/**
 * What a model's own server wants back unread travels to clients of this API in the `encrypted_content` of a
 * reasoning item, with a mark that tells it from what a server of OpenAI put there for itself.
 * `call`: it belongs to the function call behind the item.
 */
export interface Seal {
  readonly kind: "signature" | "redacted" | "call";
  readonly value: string;
}

const SEALED = /^sb1\.(signature|redacted|call)\./;

export function seal({ kind, value }: Seal): string {
  return `sb1.${kind}.${value}`;
}

/** Undefined for what was not sealed here. */
export function unseal(text: string): Seal | undefined {
  const mark = SEALED.exec(text);
  return mark ? { kind: mark[1] as Seal["kind"], value: text.slice(mark[0].length) } : undefined;
}
