import { ERRORS, type RouterError } from "../errors.ts";

/** The error body of OpenAI's APIs. */
export function openaiErrorBody(error: RouterError): string {
  const { type } = ERRORS[error.code];
  return JSON.stringify({ error: { message: error.message, type, param: error.param ?? null, code: error.code } });
}
