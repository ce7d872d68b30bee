/** JSON of which nothing is known yet, read so that what is not there is empty. */
import { type Fields, isFields } from "../fakes/apis/rules.ts";

export const fields = (value: unknown): Fields => (isFields(value) ? value : {});
export const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
